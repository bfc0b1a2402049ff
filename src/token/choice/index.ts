/** Choice: what a call needs, which token permits it, and what to try when it is refused. */

export { effectiveAttachType } from './attach-type.ts';
export { type Attempt, firstAttempt, secondAttempt, type TokenOption, takesToken } from './attempt.ts';
export {
  capabilitiesOfMap,
  capabilitiesOfProgram,
  mapCapabilities,
  programCapabilities,
} from './capabilities.ts';
export { btfByIdNeed, btfNeed, mapNeed, type Need, programNeed } from './need.ts';
export { actionOf, objectOf } from './words.ts';
