/** What a browser sees until there is an app to see. */
export function landingPage(): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Winnow</title>
<style>
  body { font: 17px/1.55 system-ui, sans-serif; max-width: 38rem; margin: 12vh auto; padding: 0 1.5rem; color: #1d2b24; background: #fbfaf6 }
  h1 { font-size: 2.2rem; margin: 0 0 .4rem; letter-spacing: -.02em }
  code { background: #ecebe3; padding: .1em .35em; border-radius: 4px; font-size: .92em }
  a { color: #176b43 }
  @media (prefers-color-scheme: dark) { body { color: #e7ece8; background: #141a17 } code { background: #26302b } a { color: #6fcf9f } }
</style>
<h1>Winnow is running.</h1>
<p>The web app is not there yet. Until then, use this address as the server of the Python client
(<code>LIGHTLY_SERVER_LOCATION</code>), of the TypeScript SDK, or of the <code>winnow</code> command line,
with the token that the first start printed.</p>
<p><a href="/openapi.json">What the server understands</a> · <a href="/healthz">health</a></p>
</html>
`;
}
