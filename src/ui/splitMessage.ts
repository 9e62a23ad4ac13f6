/** The first sentence is the title, without its stop; the rest are the values. */
export function splitMessage(message: string): { happened: string; values: string } {
  const end = message.search(/\.\s/);
  if (end < 0) return { happened: message.replace(/\.$/, ''), values: '' };
  const rest = message.slice(end + 1).trim();
  return { happened: message.slice(0, end), values: rest.charAt(0).toUpperCase() + rest.slice(1) };
}
