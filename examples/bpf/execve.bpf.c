// Reports every program that starts, through a ring buffer.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
  __u32 pid;
  __u32 uid;
  /* The name of the thread that starts it. */
  char comm[16];
  char file[128];
};

/* The arguments of the tracepoint. The offsets become those of the running kernel (CO-RE). */
struct trace_event_raw_sys_enter {
  unsigned long args[6];
} __attribute__((preserve_access_index));

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* How many events found no room in the buffer. */
__u64 lost = 0;

SEC("tracepoint/syscalls/sys_enter_execve")
int on_execve(struct trace_event_raw_sys_enter *ctx) {
  struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&lost, 1);
    return 0;
  }
  event->pid = bpf_get_current_pid_tgid() >> 32;
  event->uid = bpf_get_current_uid_gid();
  bpf_get_current_comm(event->comm, sizeof(event->comm));
  if (bpf_probe_read_user_str(event->file, sizeof(event->file), (void *)ctx->args[0]) < 0) event->file[0] = 0;
  bpf_ringbuf_submit(event, 0);
  return 0;
}

char LICENSE[] SEC("license") = "GPL";
