/**
 * Fails when a public declaration mentions a type that users cannot import from any sub-path, or
 * when an optional property of public options refuses `undefined`. Reads the built declarations.
 */
import { resolve } from 'node:path';
import { strictOptions } from './public-types/optional.ts';
import { readSurface } from './public-types/surface.ts';
import { unnamedTypes } from './public-types/unnamed.ts';

const surface = readSurface(resolve('.'));
const problems = [...unnamedTypes(surface), ...strictOptions(surface)];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`public types: all that ${surface.entries.length} entries mention can be imported`);
