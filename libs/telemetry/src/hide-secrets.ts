/** `scheme://user:password@`: up to the last @, as a password may hold one that nobody encoded. */
const CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s"'`<>]*)@/gi;
const SECRET_PARAMETER = /([?&][\w-]*(?:pass|token|key|secret)[\w-]*=)[^&\s"'`<>#]*/gi;
/** ioredis puts the failed command into its error, and that of a login has the password in it. */
const LOGIN = /("name":"(?:auth|hello)","args":)\[[^\]]*\]/gi;

/**
 * A URL, or a text with URLs in it, without the passwords: whatever may hold an address goes through here before it is
 * printed, logged or answered.
 */
export function hideSecrets(text: string): string {
  return text
    .replaceAll(CREDENTIALS, (whole: string, scheme: string, login: string) => {
      const colon = login.indexOf(':');
      return colon < 0 ? whole : `${scheme}${login.slice(0, colon)}:***@`;
    })
    .replaceAll(SECRET_PARAMETER, '$1***')
    .replaceAll(LOGIN, '$1["***"]');
}
