import { AssertionError } from 'node:assert';
import type { TestContext } from 'node:test';
import { BpfError, TokenError } from '../errors/index.ts';
import { Delegation, type DelegationInit, type Permission } from '../token/delegation/index.ts';
import type { RunWithTokenOptions } from './options.ts';
import { runWithToken } from './run-with-token.ts';

const textOf = ({ option, name }: Permission): string => `${option}=${name}`;

/** Whether an error, or one of its causes, is a refusal that names the permission. */
function names(error: unknown, permission: Permission, nothingLeft: boolean): boolean {
  const found = (candidate: unknown): boolean => {
    if (!TokenError.is(candidate)) return false;
    const { missing, reason } = candidate;
    if (missing.some(({ option, name }) => option === permission.option && name === permission.name))
      return true;
    // The kernel makes no token from an empty delegation. Then that is what the error says.
    return nothingLeft && reason === 'no_token';
  };
  return error instanceof BpfError ? error.walk(found) !== undefined : found(error);
}

function unexpected(permission: Permission, error?: { readonly thrown: unknown }): AssertionError {
  const permissionText = textOf(permission);
  const message =
    error === undefined
      ? `The body passes without ${permissionText}: the delegation is not minimal`
      : `Without ${permissionText} the body must be refused with a TokenError that names it, but it threw: ${String(error.thrown)}`;
  const assertion = new AssertionError({ message, operator: 'runWithEachPermissionRemoved' });
  if (error !== undefined) assertion.cause = error.thrown;
  return assertion;
}

/** The same delegation without one permission. */
function without(full: Delegation, { option, name }: Permission): Delegation {
  return Delegation.from({ [option.slice('delegate_'.length)]: [name] }).missing(full);
}

/**
 * Proves that a delegation is minimal. Runs the body under a token with the whole delegation, which must pass. Then
 * runs it once for each permission, without that one. This must end in a TokenError that names the permission in {@link
 * TokenError.missing}. Each run is a subtest, as with {@link runWithToken}.
 *
 * @param delegation - permissions by name or mask; not `any`, because nothing can be removed from it
 * @param fn - the body; a refusal must leave it as an exception, not as a failed subtest
 * @throws TypeError for `any`, and for unknown names
 */
export async function runWithEachPermissionRemoved(
  t: TestContext,
  name: string,
  delegation: DelegationInit | Delegation,
  fn: (t: TestContext) => unknown,
  options: RunWithTokenOptions = {},
): Promise<void> {
  const full = Delegation.from(delegation);
  for (const kind of ['cmds', 'maps', 'progs', 'attachs'] as const) {
    if (full.isAny(kind))
      throw new TypeError(`${kind}: "any" has no single permissions: name those that are needed`);
  }
  await t.test(name, async (sub) => {
    await runWithToken(sub, 'with all permissions', full, fn, options);
    for (const permission of full.permissions()) {
      const rest = without(full, permission);
      const expectRefusal = async (body: TestContext): Promise<void> => {
        try {
          await fn(body);
        } catch (error) {
          if (names(error, permission, rest.isEmpty)) return;
          throw unexpected(permission, { thrown: error });
        }
        throw unexpected(permission);
      };
      await runWithToken(sub, `without ${textOf(permission)}`, rest, expectRefusal, options);
    }
  });
}
