// depends on: kernel
import { test } from 'node:test';
import { loadableBtf, SANITISING_STEPS } from '../../src/btf/index.ts';
import { Btf } from '../../src/btf-object/index.ts';
import { VerifierError } from '../../src/errors/index.ts';
import { fixtures } from '../collection/fixture.ts';
import { needsLoading } from '../collection/needs.ts';
import { everything, typesOf } from './loadable-support.ts';

for (const name of fixtures().filter((each) => each.includes('.el.'))) {
  test(`${name}: the kernel takes it, whatever is replaced`, needsLoading(), () => {
    for (const lacks of [[], ...SANITISING_STEPS]) Btf.load(loadableBtf(typesOf(name), { lacks })).close();
  });
}

test(
  'each step is taken by the kernel, and the first steps by those that lack what they leave out',
  needsLoading(),
  () => {
    const types = everything();
    for (const lacks of SANITISING_STEPS.slice(4)) Btf.load(loadableBtf(types, { lacks })).close();
    const refused = SANITISING_STEPS.slice(0, 4).findLastIndex((lacks) => {
      try {
        Btf.load(loadableBtf(types, { lacks })).close();
        return false;
      } catch (error) {
        if (error instanceof VerifierError) return true;
        throw error;
      }
    });
    // If a kernel takes one step, it takes all later ones. Linux 6.1 takes section_question_mark and later steps.
    for (const lacks of SANITISING_STEPS.slice(refused + 1)) Btf.load(loadableBtf(types, { lacks })).close();
  },
);
