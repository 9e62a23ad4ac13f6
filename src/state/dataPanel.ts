import { createStore } from 'zustand/vanilla';

/** Whether the Data panel shows all of its parts. */
export const dataPanelStore = createStore<{ isOpen: boolean }>(() => ({ isOpen: false }));

export function openDataPanel(isOpen: boolean): void {
  dataPanelStore.setState({ isOpen });
}
