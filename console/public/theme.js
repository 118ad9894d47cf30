// Sets the chosen theme and language before the page is shown.
try {
  const theme = localStorage.getItem("rolecall-theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const language = localStorage.getItem("rolecall-language");
  if (language) document.documentElement.lang = language;
} catch {
  // The browser stores nothing: the page follows the system.
}
