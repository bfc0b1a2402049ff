/** Whether the tests run in an emulated machine of `test/kernels`, where they may change settings of the kernel. */
export const OWN_MACHINE: boolean = process.env.EBPF_TS_OWN_MACHINE === '1';
