// Finds Chrome or Chromium for the tests, `npm run tune` and the screenshots, and installs one where there is none.
// Plain JavaScript, because Node 20 runs it directly: `node scripts/findChromium.mjs [--install]` prints the path.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright';

const commandNames = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome', 'microsoft-edge'];

const howToInstall = [
  'Tunelet needs Chrome or Chromium and found none. Do one of these, then try again:',
  '  Debian, Ubuntu   sudo apt-get install -y chromium',
  '  Fedora           sudo dnf install -y chromium',
  '  Arch             sudo pacman -S chromium',
  '  Alpine           sudo apk add chromium',
  '  macOS            brew install --cask google-chrome',
  '  Windows          winget install Google.Chrome',
  '  anywhere         npx playwright install --with-deps chromium',
  'or name the executable yourself: CHROME_PATH=/path/to/chrome',
].join('\n');

/**
 * The path of a Chrome or Chromium that starts, or null.
 * Looks at CHROME_PATH, then PATH, then the usual folders, then Playwright's own download.
 * @returns {string | null}
 * @throws {Error} when CHROME_PATH is set and names nothing that starts.
 */
export function findChromium() {
  const chosen = process.env['CHROME_PATH'];
  if (chosen) {
    if (starts(chosen)) return chosen;
    throw new Error(`CHROME_PATH is “${chosen}”, which does not start as a browser. Correct it or unset it.`);
  }
  return candidates().find((path) => isExecutable(path) && starts(path)) ?? null;
}

/**
 * As `findChromium`, but installs a browser first where there is none.
 * @returns {string}
 * @throws {Error} saying what to install, where nothing could be installed.
 */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  console.error('No Chrome or Chromium found; installing one.');
  for (const install of [installWithSystem, installWithPlaywright]) {
    install();
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(howToInstall);
}

/**
 * Launch arguments for a headless browser in which WebGPU works. A software adapter gives every machine the same one.
 * @param {'software' | 'hardware'} adapter
 * @returns {string[]}
 */
export function chromiumArguments(adapter) {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
  const hardware = ['--enable-unsafe-webgpu', '--ignore-gpu-blocklist'];
  if (process.platform === 'linux') hardware.push('--enable-features=Vulkan');
  return [...quiet, ...(adapter === 'software' ? software : hardware)];
}

// A later list takes the place of an earlier one, so what Playwright turns off stands here again: first what changes the pages that are
// tested, then what asks hosts on the network. The last two are windows of the address bar, which Chromium 156 makes ready with each
// window: more than half a second of computing that nobody sees.
const featuresTurnedOff = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'TcpPortRandomizationWin',
  'msForceBrowserSignIn',
  'msEdgeUpdateLaunchServicesPreferredVersion',
  'MediaRouter',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
];

/**
 * What Playwright and vitest launch. Chrome's headless shell has no WebGPU, hence the whole browser and the new headless mode.
 * @param {'software' | 'hardware'} [adapter]
 * @returns {{ executablePath?: string, args: string[] }}
 */
export function chromiumLaunchOptions(adapter = 'software') {
  const executablePath = findChromium();
  const args = ['--headless=new', `--disable-features=${featuresTurnedOff.join()}`, ...chromiumArguments(adapter)];
  return { ...(executablePath ? { executablePath } : {}), args };
}

function candidates() {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const extension = process.platform === 'win32' ? '.exe' : '';
  const named = commandNames.flatMap((name) => onPath.map((folder) => join(folder, name + extension)));
  return [...named, ...usualFolders(), chromium.executablePath()];
}

function usualFolders() {
  if (process.platform === 'darwin') {
    const names = ['Google Chrome', 'Chromium', 'Google Chrome Canary', 'Microsoft Edge'];
    const roots = ['/Applications', join(process.env['HOME'] ?? '', 'Applications')];
    return roots.flatMap((root) => names.map((name) => join(root, `${name}.app`, 'Contents', 'MacOS', name)));
  }
  if (process.platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) => process.env[name]);
    const tails = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ];
    return roots.flatMap((root) => (root ? tails.map((tail) => join(root, tail)) : []));
  }
  return ['/opt/google/chrome/chrome', '/usr/lib/chromium/chromium', '/snap/bin/chromium'];
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Some distributions put a script in chromium's place that only says how to install it. @param {string} path */
function starts(path) {
  // On Windows --version opens a window instead of answering.
  if (process.platform === 'win32') return existsSync(path);
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] });
  return answer.status === 0 && /(Chrom|Edge)/.test(answer.stdout);
}

function installWithSystem() {
  if (process.platform !== 'linux') return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !succeeds('sudo', ['-n', 'true'], 'ignore')) return;
  /** @type {Record<string, string[][]>} */
  const managers = {
    'apt-get': [
      ['update', '-q'],
      ['install', '-y', '-q', '--no-install-recommends', 'chromium'],
    ],
    dnf: [['install', '-y', 'chromium']],
    pacman: [['-Sy', '--noconfirm', 'chromium']],
    apk: [['add', '--no-cache', 'chromium']],
  };
  for (const [manager, steps] of Object.entries(managers)) {
    if (!succeeds(manager, ['--version'], 'ignore')) continue;
    for (const step of steps) {
      const words = [manager, ...step];
      const [command = '', ...rest] = isRoot ? words : ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive', ...words];
      if (!succeeds(command, rest, 'inherit')) console.error(`“${words.join(' ')}” failed.`);
    }
    return;
  }
}

function installWithPlaywright() {
  const command = process.platform === 'win32' ? 'npx.cmd' : 'npx';
  const isRoot = process.getuid?.() === 0;
  const withLibraries =
    isRoot && succeeds(command, ['playwright', 'install', '--with-deps', '--no-shell', 'chromium'], 'inherit');
  if (!withLibraries) succeeds(command, ['playwright', 'install', '--no-shell', 'chromium'], 'inherit');
}

/**
 * @param {string} command
 * @param {string[]} parameters
 * @param {'ignore' | 'inherit'} output
 */
function succeeds(command, parameters, output) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // What a browser's installation prints belongs to stderr: stdout carries the path.
  const stdio = output === 'ignore' ? 'ignore' : /** @type {const} */ (['ignore', 2, 2]);
  return (
    spawnSync(command, parameters, { env, stdio: /** @type {import('node:child_process').StdioOptions} */ (stdio) }).status === 0
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const path = process.argv.includes('--install') ? ensureChromium() : findChromium();
    if (!path) throw new Error(howToInstall);
    console.log(path);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
