/** Moves the picture. Space and the middle button do the same from any tool. */
export const pan = {
  name: "pan",
  label: "Move the picture",
  key: "h",
  icon: "hand-stop",
  cursor: "grab",
  initial: "idle",
  states: {
    idle: { down: ({ event }) => ({ to: "dragging", draft: { screen: event.screen } }) },
    dragging: {
      move: ({ draft, event }) => ({
        draft: { screen: event.screen },
        pan: { dx: event.screen.x - draft.screen.x, dy: event.screen.y - draft.screen.y },
      }),
      up: () => ({ to: "idle" }),
    },
  },
};
