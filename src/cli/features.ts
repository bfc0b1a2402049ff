import { type FeatureReport, probeAll } from '../features/index.ts';
import { type AnswerJson, answerRows, answersJson } from './answers.ts';
import { columns, section, type TextStyle } from './columns.ts';
import { show } from './output.ts';

/** The options of `ebpf-ts features`, as the command line has them. */
export interface FeaturesOptions {
  readonly json?: boolean | undefined;
  readonly helpers?: boolean | undefined;
}

interface FeaturesJson {
  readonly mapTypes: Record<string, AnswerJson>;
  readonly programTypes: Record<string, AnswerJson>;
  readonly attachTypes: Record<string, AnswerJson>;
  readonly features: Record<string, AnswerJson>;
  readonly helpers?: Record<string, Record<string, AnswerJson>> | undefined;
}

function toJson(report: FeatureReport): FeaturesJson {
  const helpers = Object.entries(report.helpers ?? {}).map(
    ([type, answers]) => [type, answersJson(answers)] as const,
  );
  return {
    mapTypes: answersJson(report.mapTypes),
    programTypes: answersJson(report.programTypes),
    attachTypes: answersJson(report.attachTypes),
    features: answersJson(report.features),
    ...(report.helpers === undefined ? {} : { helpers: Object.fromEntries(helpers) }),
  };
}

function toText(report: FeaturesJson, style: TextStyle): string {
  const parts: [string, Record<string, AnswerJson>][] = [
    ['Map types', report.mapTypes],
    ['Program types', report.programTypes],
    ['Attach types', report.attachTypes],
    ['Features', report.features],
    ...Object.entries(report.helpers ?? {}).map(([type, answers]): [string, Record<string, AnswerJson>] => [
      `Helpers of ${type} programs`,
      answers,
    ]),
  ];
  return parts
    .map(([title, answers]) => section(title, columns(answerRows(answers), style), style))
    .join('\n');
}

/** `ebpf-ts features`: prints what the kernel can do, as far as this process may know. */
export async function showFeatures(options: FeaturesOptions): Promise<void> {
  show(toJson(await probeAll({ helpers: options.helpers === true })), options.json, toText);
}
