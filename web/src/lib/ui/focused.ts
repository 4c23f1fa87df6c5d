/** For what takes the place of the control that was used: the keyboard goes on there. */
export function focused(element: HTMLElement): void {
  element.focus()
}
