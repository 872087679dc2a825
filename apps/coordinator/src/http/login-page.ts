/** The form that asks a browser for the key. */
export function loginPage({ action, isWrong }: { readonly action: string; readonly isWrong: boolean }): string {
  const note = isWrong ? '<p role="alert">That is not the key.</p>' : '';
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Skiplane</title><link rel="icon" href="data:,">
<style>body{font:16px system-ui;display:grid;place-content:center;min-height:90vh;color-scheme:light dark}
input,button{font:inherit;padding:.5em}</style>
<main><h1>Skiplane</h1>${note}<form method="post" action="${action}">
<label for="key">The value of SKIPLANE_API_KEY</label><br>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>Enter</button></form></main></html>`;
}
