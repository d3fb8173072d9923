package function_test

import (
	"fmt"
	"strconv"
	"testing"
)

// BenchmarkFunctions calls the functions with filters of 10 and of 1,000 rules.
func BenchmarkFunctions(b *testing.B) {
	for _, n := range []int{10, 1000} {
		rules := object{}
		for i := 1; i < n; i++ {
			rules[strconv.Itoa(i)] = rule("reject", "protocol", "tcp", "source_cidr_block", fmt.Sprintf("10.%d.%d.0/24", i/256, i%256), "destination_port_range", ports(i, i+10))
		}
		rules[strconv.Itoa(n)] = rule("accept")
		filter := value(b, object{"ingress_rules": rules})
		other := value(b, object{"ingress_rules": with(rules, strconv.Itoa(n/2), rule("accept", "protocol", "udp"))})
		for name, arguments := range map[string][]any{
			"verdict":           {filter, "ingress udp 192.0.2.1:50000 > 10.0.1.10:22"},
			"trace":             {filter, "ingress udp 192.0.2.1:50000 > 10.0.1.10:22"},
			"unreachable_rules": {filter},
			"compare_filters":   {filter, other},
			"mirrors":           {filter, "ingress tcp 10.0.0.0/8 > any:22"},
		} {
			b.Run(fmt.Sprintf("%s/rules=%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, wrong := call(b, name, arguments...); wrong != nil {
						b.Fatal(wrong)
					}
				}
			})
		}
	}
}
