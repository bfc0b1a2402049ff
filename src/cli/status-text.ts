import { capabilities } from '../abi/index.ts';
import { type Delegation, PATH_VARIABLE, permissionKinds } from '../token/index.ts';
import { answerRows } from './answers.ts';
import type { Colors } from './colors.ts';
import { columns, type TextStyle, section as titled } from './columns.ts';
import type { StatusReport, TrialReport } from './status-report.ts';

/** The names of a set: all of them, or "all but a few" if that is shorter. */
function capabilityText(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const absent = capabilities.names.filter((name) => !names.includes(name));
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
  if (report.kernel.tokens === false) return 'no: BPF tokens need Linux 6.9';
  return report.kernel.tokens === null ? 'unknown: the kernel refuses to answer' : 'yes';
}

function namespaceLine({ userNamespace }: StatusReport): string {
  if (userNamespace === null) return 'unknown: /proc does not say';
  const { inode, initial } = userNamespace;
  return initial ? `${inode}, the initial one` : `${inode}`;
}

function whyNoToken({ userNamespace, mounts, kernel }: StatusReport): string {
  if (userNamespace?.initial === true) {
    return 'in the initial user namespace capabilities decide; tokens are for other user namespaces';
  }
  if (kernel.tokens === false) return 'the kernel has no tokens';
  if (mounts.length === 0) return 'no bpffs is mounted: mount one with delegate_* options at /sys/fs/bpf';
  return 'no mount gave a token, see above';
}

const pathText = (path: string): string =>
  path === '' ? 'empty: no token is used' : `${path}: this mount must give a token`;

const UNPRIVILEGED = ['0: every user may load BPF programs', '1: no, until the next boot', '2: no'];

function trialLine({ type, ok, message }: TrialReport, colors: Colors): string {
  return ok ? `${colors.green('yes')} (${type})` : `${colors.red('no')}: ${message}`;
}

/** The report as text for people. */
export function statusText(report: StatusReport, style: TextStyle): string {
  const { colors } = style;
  const section = (title: string, body: string): string => titled(title, body, style);
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
          ...(report.tokenPath === null ? [] : [[PATH_VARIABLE, pathText(report.tokenPath)]]),
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
      section(
        'Malformed lines of mountinfo, ignored',
        report.malformedMounts.map((line) => `  ${line}`).join('\n'),
      ),
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
  parts.push(section('Map types', columns(answerRows(report.mapTypes), style)));
  parts.push(section('Program types', columns(answerRows(report.programTypes), style)));
  return parts.join('\n');
}
