import type { BtfLoadAttr, MapCreateAttr, ProgLoadAttr } from '../abi/index.ts';
import { bpf, bpfAsync, Fd, systemError } from '../sys/index.ts';

export type TokenOption = 'ambient' | 'off';

function adopt(command: string, what: string, result: number): Fd {
  if (result < 0) throw systemError(`create a ${what}`, 'bpf', -result, command);
  return Fd.adopt(result, what);
}

export function mapCreate(attr: MapCreateAttr, _token: TokenOption = 'ambient'): Fd {
  return adopt('map_create', 'map', bpf('map_create', attr));
}

export function progLoad(attr: ProgLoadAttr, _token: TokenOption = 'ambient'): Fd {
  return adopt('prog_load', 'program', bpf('prog_load', attr));
}

export async function progLoadAsync(attr: ProgLoadAttr, _token: TokenOption = 'ambient'): Promise<Fd> {
  return adopt('prog_load', 'program', await bpfAsync('prog_load', attr));
}

export function btfLoad(attr: BtfLoadAttr, _token: TokenOption = 'ambient'): Fd {
  return adopt('btf_load', 'BTF', bpf('btf_load', attr));
}

export function btfGetFdById(id: number, _token: TokenOption = 'ambient'): Fd {
  return adopt('btf_get_fd_by_id', 'BTF', bpf('btf_get_fd_by_id', { btf_id: id }));
}
