#ifndef EBPF_TS_THREAD_H
#define EBPF_TS_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Starts a thread that no signal interrupts. 0, or the errno. */
int start_thread(pthread_t *thread, void *(*body)(void *), void *data);

/*
 * Lets other threads take the signals of this process meanwhile, or makes the signals wait. Faults and requests to end
 * the process are the exception. True if release_signals() is due.
 */
bool hold_signals(uint64_t *before);
void release_signals(const uint64_t *before);

#endif
