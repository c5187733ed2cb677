/** What is wrong with an address that is to be added to those that are known; undefined: nothing. @param already what to say of one that is there */
export function addressProblem(text: string, known: readonly string[], own: string | undefined, already = "It is shared with this address already."): string | undefined {
  const address = text.trim().toLowerCase();
  if (!/^[^\s@,]+@[^\s@,]+$/.test(address) || address.length > 254) return "A mail address, such as name@example.org.";
  if (address === own?.toLowerCase()) return "That is you.";
  if (known.includes(address)) return already;
  return undefined;
}
