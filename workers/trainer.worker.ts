import { expose } from 'comlink';
import { installErrorTransfer } from './api/transfer';
import { Session } from './session/session';

installErrorTransfer();
expose(new Session());
