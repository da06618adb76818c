export function frameCommands() {
  return [];
}
