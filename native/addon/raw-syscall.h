/* System calls without libc, so that one binary serves every libc of a CPU. */
#ifndef EBPF_TS_RAW_SYSCALL_H
#define EBPF_TS_RAW_SYSCALL_H

#include <asm/unistd.h>
#include <stdint.h>

/* Returns the result, or the negated errno. */
static inline int64_t raw_syscall(int64_t nr, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e,
                                  int64_t f)
{
#if defined(__x86_64__)
	int64_t result;
	register int64_t r10 __asm__("r10") = d;
	register int64_t r8 __asm__("r8") = e;
	register int64_t r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register int64_t x8 __asm__("x8") = nr;
	register int64_t x0 __asm__("x0") = a;
	register int64_t x1 __asm__("x1") = b;
	register int64_t x2 __asm__("x2") = c;
	register int64_t x3 __asm__("x3") = d;
	register int64_t x4 __asm__("x4") = e;
	register int64_t x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
	                 : "+r"(x0)
	                 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
	                 : "memory");
	return x0;
#else
#error "ebpf-ts has no system call sequence for this CPU yet: x86-64 and arm64 are supported"
#endif
}

#endif
