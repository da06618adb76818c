/** Dragging changes the window of measured values: right = wider, up = a higher level. */

export const windowLevel = {
  name: "window",
  label: "Window and level",
  key: "y",
  icon: "contrast-2",
  cursor: "move",
  needs: "pixels",
  initial: "idle",
  states: {
    idle: { down: ({ event }) => ({ to: "dragging", draft: { screen: event.screen } }) },
    dragging: {
      move: ({ draft, event }) => ({
        draft: { screen: event.screen },
        level: { dx: event.screen.x - draft.screen.x, dy: event.screen.y - draft.screen.y },
      }),
      up: () => ({ to: "idle", draft: null }),
    },
  },
};
