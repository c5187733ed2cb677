/** Text from outside (names of files, sentences of a server) without what a terminal would obey. Line ends stay. */
export function visible(text: string): string {
  return text.replaceAll(/(?!\n)\p{Cc}/gu, "\ufffd");
}
