import { createTheme, virtualColor, type MantineColorsTuple } from '@mantine/core';

/** Ten steps of each colour that Mantine may fill something with; the filled step is the sixth. */
const inkLight: MantineColorsTuple = [
  '#F7F9F9',
  '#EDF0F1',
  '#DCE2E3',
  '#B4BFC2',
  '#7F8A8E',
  '#445056',
  '#12181B',
  '#12181B',
  '#12181B',
  '#0B0F11',
];
const inkDark: MantineColorsTuple = [
  '#0E1214',
  '#161C1F',
  '#1B2226',
  '#293236',
  '#6E7B80',
  '#93A0A4',
  '#B4BFC2',
  '#DCE2E3',
  '#E9EEEE',
  '#FFFFFF',
];
const baseLight: MantineColorsTuple = [
  '#F4F7FA',
  '#DDE6F0',
  '#C6D6E5',
  '#B0C5DB',
  '#9AB5D0',
  '#83A1C0',
  '#5479A0',
  '#557495',
  '#3F5F80',
  '#2A4A6C',
];
const baseDark: MantineColorsTuple = [
  '#1B2329',
  '#23303B',
  '#2B3D4D',
  '#344B61',
  '#3D5A75',
  '#4C6C8A',
  '#6283A1',
  '#799AB9',
  '#7EA4C8',
  '#A9CBEA',
];
const tunedLight: MantineColorsTuple = [
  '#FDF6F0',
  '#FCE2D0',
  '#FACEB1',
  '#F6B991',
  '#F2A570',
  '#E68F55',
  '#D4580F',
  '#B35620',
  '#A4481A',
  '#963806',
];
const tunedDark: MantineColorsTuple = [
  '#26201C',
  '#3E2A1F',
  '#573520',
  '#713F20',
  '#8C491E',
  '#A55827',
  '#BB6D3C',
  '#D18250',
  '#F2853F',
  '#FFAE78',
];

export const theme = createTheme({
  fontFamily: 'var(--font-sans)',
  fontFamilyMonospace: 'var(--font-mono)',
  defaultRadius: 6,
  primaryColor: 'ink',
  primaryShade: { light: 6, dark: 8 },
  respectReducedMotion: true,
  colors: {
    inkLight,
    inkDark,
    baseLight,
    baseDark,
    tunedLight,
    tunedDark,
    ink: virtualColor({ name: 'ink', light: 'inkLight', dark: 'inkDark' }),
    base: virtualColor({ name: 'base', light: 'baseLight', dark: 'baseDark' }),
    tuned: virtualColor({ name: 'tuned', light: 'tunedLight', dark: 'tunedDark' }),
  },
});
