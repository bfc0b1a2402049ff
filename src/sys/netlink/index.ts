/** Talking to the kernel about network devices: rtnetlink. */
export { Attributes, AttributeWriter } from './attributes.ts';
export { FLAGS, ROUTE } from './constants.ts';
export { decodeMessages, encodeRequest, type Message, type Request, readEnd } from './messages.ts';
export { RouteSocket } from './socket.ts';
export {
  addClsact,
  addFilter,
  clsactKind,
  type Direction,
  deleteClsact,
  deleteFilter,
  type Filter,
  type FilterId,
  type FilterPlace,
  hasFilters,
  listFilters,
  type NewFilter,
} from './traffic-control.ts';
