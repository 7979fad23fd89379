.PHONY: demo test test-all serve setup
demo serve:
	@python3 run.py $@ $(if $(BIND),--bind $(BIND))
test test-all setup:
	@python3 run.py $@
