export { type Loaded, type LogRequest, loadLogged, loadLoggedAsync } from './attempts.ts';
export { checkLogOptions, type LogOptions } from './options.ts';
