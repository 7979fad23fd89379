// Sets the chosen theme before the first paint; that is why it is no module.
{
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
}
