// The tokens come first: Mantine's light-dark() follows their color-scheme.
import './ui/theme/tokens.css';
import '@fontsource-variable/instrument-sans/standard.css';
import '@fontsource/commit-mono/latin-400.css';
import '@fontsource/commit-mono/latin-700.css';
import './ui/theme/mantine.css';
import './ui/theme/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { followAddress } from './state/place';
import { keepPaceFresh } from './state/pace';
import { keepPlanFresh } from './state/plan';
import { keepPreviewFresh } from './state/preview';
import { followTheme } from './state/theme';
import { readDevicePreference } from './state/devicePreference';
import { adoptThemeVariables } from './ui/theme/themeVariables';
import { warnBeforeLeaving } from './state/leaving';
import { recallPersistence } from './state/persistence';
import { followUnfinishedRuns, saveWhenHidden } from './state/resume';
import { followOtherTabs } from './state/tabs';
import { handOverWhenAsked } from './state/takeOver';
import { beginVisit, keepVisit } from './state/visit';
import { stayAwakeWhileTraining } from './state/wakeLock';
import { watchWorker } from './state/workerHealth';

adoptThemeVariables();
followTheme();
followAddress();
keepPlanFresh();
keepPaceFresh();
keepPreviewFresh();
keepVisit();
followOtherTabs();
handOverWhenAsked();
watchWorker();
warnBeforeLeaving();
stayAwakeWhileTraining();
followUnfinishedRuns();
saveWhenHidden();
void recallPersistence();
void beginVisit(readDevicePreference(location.search));

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root".');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
