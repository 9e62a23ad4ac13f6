import { readChats, type ChatAnswer, type ChatQuestion } from './chats';

/** What the page offers to the script that drives it. */
interface VerifyDoor {
  /** Of the model chosen in the page's file input. */
  chats(question: ChatQuestion): Promise<ChatAnswer>;
}

declare global {
  interface Window {
    verify: VerifyDoor;
  }
}

window.verify = {
  async chats(question) {
    const input = document.querySelector<HTMLInputElement>('#model');
    return readChats([...(input?.files ?? [])], question);
  },
};
