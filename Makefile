.PHONY: demo test test-all serve setup
demo test test-all serve setup:
	@python3 run.py $@
