/**
 * Runs one tool at a time. A tool is data: states, and for each state the events it answers.
 *
 * A handler gets `{draft, event, scene}` and returns what should happen; it never touches the canvas, the network or
 * another tool: `{to, draft, commit, select, vertex, pan, level, say}`, all optional. The machine drops the draft on every
 * exit: Escape, blur, tool change and lost pointer all mean cancel.
 */

/**
 * `host` offers `scene()`, `commit(step)`, `select(ids, vertex)`, `pan(dx, dy)`, `say(text)` and `changed(draft)`.
 */
export function createMachine(tools, host) {
  const tables = new Map(tools.map((tool) => [tool.name, tool]));
  let tool = tools[0];
  let state = tool.initial;
  let draft = null;

  function settle(nextState, nextDraft) {
    if (nextState === state && nextDraft === draft) return;
    state = nextState;
    draft = nextDraft;
    host.changed(draft);
  }

  function apply(result) {
    const next = result.to ?? state;
    const kept = "draft" in result ? result.draft : draft;
    settle(next, next === tool.initial && !("draft" in result) ? null : kept);
    if (result.commit) host.commit(result.commit);
    if (result.select) host.select(result.select, result.vertex ?? null);
    if (result.pan) host.pan(result.pan.dx, result.pan.dy);
    if (result.level) host.level?.(result.level);
    if (result.say) host.say(result.say);
  }

  return {
    get tool() {
      return tool;
    },
    get state() {
      return state;
    },
    get draft() {
      return draft;
    },
    get isBusy() {
      return state !== tool.initial;
    },
    has: (name) => tables.has(name),

    /** Give an event to the current state; true when it was answered. */
    send(event) {
      const handler = tool.states[state][event.type];
      if (!handler) return false;
      const result = handler({ draft, event, scene: host.scene() });
      if (!result) return false;
      apply(result);
      return true;
    },

    /** The cursor for a place, where the tool has an opinion about it and nothing is in hand. */
    cursorAt: (event) =>
      state === tool.initial && tool.hover ? tool.hover({ event, scene: host.scene() }) : null,

    /** Back to rest, nothing kept; true when there was something to cancel. */
    cancel() {
      const was = state !== tool.initial;
      settle(tool.initial, null);
      return was;
    },

    use(name) {
      const next = tables.get(name);
      if (!next || next === tool) return;
      this.cancel();
      tool = next;
      state = tool.initial;
      host.changed(null);
    },
  };
}
