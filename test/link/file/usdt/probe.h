/*
 * USDT probes as SystemTap's sys/sdt.h makes them: a nop, and a note in the section .note.stapsdt that says where it is
 * (https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation).
 *
 * PROBE(provider, name, arguments, operands): SIZE@OPERAND for each argument, with operands of inline assembly.
 * PROBE_WITH(semaphore, ...): the same, with the name of a variable that counts the attached programs.
 */
#ifdef __i386__
#define WORD ".4byte"
#else
#define WORD ".8byte"
#endif
#define PROBE(provider, name, list, ...) PROBE_WITH("0", provider, name, list, __VA_ARGS__)
#define PROBE_WITH(semaphore, provider, name, list, ...)                                      \
  __asm__ volatile("990: nop\n"                                                               \
                   ".pushsection .note.stapsdt,\"\",\"note\"\n"                               \
                   ".balign 4\n"                                                              \
                   ".4byte 992f-991f, 994f-993f, 3\n"                                         \
                   "991: .asciz \"stapsdt\"\n"                                                \
                   "992: .balign 4\n"                                                         \
                   "993: " WORD " 990b, _.stapsdt.base, " semaphore "\n"                        \
                   ".asciz \"" provider "\"\n"                                                \
                   ".asciz \"" name "\"\n"                                                    \
                   ".asciz \"" list "\"\n"                                                    \
                   "994: .balign 4\n"                                                         \
                   ".popsection\n"                                                            \
                   ".ifndef _.stapsdt.base\n"                                                 \
                   ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"    \
                   ".weak _.stapsdt.base\n"                                                   \
                   ".hidden _.stapsdt.base\n"                                                 \
                   "_.stapsdt.base: .space 1\n"                                               \
                   ".size _.stapsdt.base, 1\n"                                                \
                   ".popsection\n"                                                            \
                   ".endif\n" ::__VA_ARGS__)
#define SEMAPHORE __attribute__((section(".probes"))) volatile unsigned short
