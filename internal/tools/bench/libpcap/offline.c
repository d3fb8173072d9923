// Holds packets in memory against an expression: the time that libpcap takes for
// a decision, without reading and writing.
//
//   offline capture.pcap expression.bpf passes
//
// It prints how many packets match, and the nanoseconds of CPU per packet. What it
// needs of pcap.h stands here, so that the library alone is enough.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

struct pcap_pkthdr { struct timeval ts; unsigned caplen, len; };
struct bpf_program { unsigned bf_len; void *bf_insns; };
typedef struct pcap pcap_t;
extern pcap_t *pcap_open_offline(const char *, char *);
extern int pcap_next_ex(pcap_t *, struct pcap_pkthdr **, const unsigned char **);
extern int pcap_compile(pcap_t *, struct bpf_program *, const char *, int, unsigned);
extern int pcap_offline_filter(const struct bpf_program *, const struct pcap_pkthdr *, const unsigned char *);
extern char *pcap_geterr(pcap_t *);

static void fail(const char *why) { fprintf(stderr, "offline: %s\n", why); exit(1); }

static char *whole(const char *name) {
  FILE *f = fopen(name, "rb");
  if (!f) fail(name);
  size_t room = 1 << 24;
  char *text = malloc(room);
  text[fread(text, 1, room - 1, f)] = 0;
  return text;
}

int main(int argc, char **argv) {
  char why[256];
  if (argc != 4) fail("three arguments are needed");
  pcap_t *in = pcap_open_offline(argv[1], why);
  if (!in) fail(why);
  struct bpf_program program;
  if (pcap_compile(in, &program, whole(argv[2]), 1, 0xffffffff)) fail(pcap_geterr(in));

  size_t n = 0, room = 1 << 20;
  struct pcap_pkthdr *headers = malloc(room * sizeof *headers), *header;
  unsigned char **packets = malloc(room * sizeof *packets);
  const unsigned char *data;
  while (n < room && pcap_next_ex(in, &header, &data) == 1) {
    headers[n] = *header;
    packets[n] = malloc(header->caplen);
    memcpy(packets[n++], data, header->caplen);
  }

  long passes = atol(argv[3]), matched = 0;
  clock_t begun = clock();
  for (long pass = 0; pass < passes; pass++)
    for (size_t i = 0; i < n; i++) matched += pcap_offline_filter(&program, &headers[i], packets[i]) != 0;
  double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
  printf("%ld %.2f\n", matched / passes, seconds * 1e9 / (passes * n));
  return 0;
}
