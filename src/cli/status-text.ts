import Table from 'cli-table3';
import type { Colors } from 'picocolors/types.js';
import { capabilityNames } from '../sys/index.ts';
import { type Delegation, permissionKinds } from '../token/index.ts';
import type { StatusReport, TrialReport } from './status-report.ts';

/** Where the text goes. */
export interface TextStyle {
  readonly colors: Colors;
  /** Columns to break lines at; as long as they are when undefined. */
  readonly width: number | undefined;
}

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** Rows of two or three columns, the last of them broken to the width of the terminal. */
function columns(rows: readonly (readonly string[])[], { width }: TextStyle): string {
  const first = rows[0]?.length ?? 0;
  const widths = Array.from({ length: first }, (_, column) =>
    Math.max(...rows.map((row) => stripColors(row[column] ?? '').length)),
  );
  const used = widths.slice(0, -1).reduce((sum, own) => sum + own + 2, 2);
  const last =
    width === undefined ? (widths.at(-1) ?? 0) : Math.max(20, Math.min(widths.at(-1) ?? 0, width - used));
  const table = new Table({
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...widths.slice(0, -1), last],
    wordWrap: true,
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence is what is looked for
const stripColors = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

/** Names of a set: all of them, or all but a few, where that is shorter. */
function capabilityText(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const absent = capabilityNames.filter((name) => !names.includes(name));
  if (absent.length === 0) return `all ${names.length}`;
  if (absent.length <= 5) return `all but ${absent.join(', ')}`;
  return names.join(', ');
}

function delegationRows(delegation: Delegation): string[][] {
  return permissionKinds.map((kind) => {
    const names = delegation.isAny(kind) ? 'any' : delegation.names(kind).join(', ');
    return [`delegate_${kind}`, names === '' ? 'nothing' : names];
  });
}

function tokenLine(report: StatusReport): string {
  if (report.kernel.tokens === false) return 'no: tokens need Linux 6.9';
  return report.kernel.tokens === null ? 'unknown: asking is refused' : 'yes';
}

function namespaceLine({ userNamespace }: StatusReport): string {
  if (userNamespace === null) return 'unknown: /proc does not tell';
  const { inode, initial } = userNamespace;
  return initial ? `${inode}, the initial one` : `${inode}`;
}

function whyNoToken({ userNamespace, mounts, kernel }: StatusReport): string {
  if (userNamespace?.initial === true) {
    return 'in the initial user namespace capabilities decide; tokens are for the others';
  }
  if (kernel.tokens === false) return 'the kernel has none';
  if (mounts.length === 0) return 'no bpffs is mounted: mount one with delegate_* options at /sys/fs/bpf';
  return 'no mount gave one, see above';
}

const UNPRIVILEGED = ['0: everybody may load BPF', '1: no, until the next boot', '2: no'];

function trialLine({ type, ok, error }: TrialReport, colors: Colors): string {
  return ok ? `${colors.green('yes')} (${type})` : `${colors.red('no')}: ${error}`;
}

/** The report as a person reads it. */
export function statusText(report: StatusReport, style: TextStyle): string {
  const { colors } = style;
  const section = (title: string, body: string): string => `${colors.bold(title)}\n${body}\n`;
  const disabled = report.unprivilegedBpfDisabled;
  const parts = [
    section(
      'System',
      columns(
        [
          ['kernel', report.kernel.release],
          ['BPF tokens', tokenLine(report)],
          ['user namespace', namespaceLine(report)],
          [
            'unprivileged_bpf_disabled',
            disabled === null ? 'unknown' : (UNPRIVILEGED[disabled] ?? `${disabled}`),
          ],
        ],
        style,
      ),
    ),
  ];
  if (report.capabilities !== null) {
    const rows = Object.entries(report.capabilities).map(([set, names]) => [set, capabilityText(names)]);
    parts.push(section('Capabilities', columns(rows, style)));
  }
  const mounts = report.mounts.map(({ mount, outcome, explanation }) => [
    mount,
    outcome === 'usable' ? colors.green(outcome) : colors.yellow(outcome),
    explanation,
  ]);
  parts.push(section('bpffs mounts', mounts.length === 0 ? '  none' : columns(mounts, style)));
  if (report.malformedMounts.length > 0) {
    parts.push(
      section('Lines of mountinfo left out', report.malformedMounts.map((line) => `  ${line}`).join('\n')),
    );
  }
  if (report.tokens.length === 0) parts.push(section('Token', `  none: ${whyNoToken(report)}`));
  for (const { mount, source, delegation } of report.tokens) {
    parts.push(
      section(`Token of ${mount} (permissions from ${source})`, columns(delegationRows(delegation), style)),
    );
  }
  parts.push(
    section(
      'Tried',
      columns(
        [
          ['map creation', trialLine(report.mapCreate, colors)],
          ['program load', trialLine(report.progLoad, colors)],
        ],
        style,
      ),
    ),
  );
  return parts.join('\n');
}
