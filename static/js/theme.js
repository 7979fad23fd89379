// Sets the theme before the first paint where the server does not know who is there; that is why
// it is no module.
if (document.documentElement.dataset.theme === undefined) {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
}
