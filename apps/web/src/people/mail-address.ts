/** What is wrong with an address that a dataset is to be shared with; undefined: nothing. */
export function addressProblem(text: string, shared: readonly string[], own: string | undefined): string | undefined {
  const address = text.trim().toLowerCase();
  if (!/^[^\s@,]+@[^\s@,]+$/.test(address) || address.length > 254) return "A mail address, such as name@example.org.";
  if (address === own?.toLowerCase()) return "That is you.";
  if (shared.includes(address)) return "It is shared with this address already.";
  return undefined;
}
