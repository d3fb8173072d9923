package wording

import (
	"slices"
	"testing"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ got, want string }{
		{Grouped(0), "0"}, {Grouped(999), "999"}, {Grouped(1000), "1,000"}, {Grouped(1234567), "1,234,567"},
		{Grouped(-999), "-999"}, {Grouped(-1000), "-1,000"}, {Grouped(int64(1) << 62), "4,611,686,018,427,387,904"},
		{Count(0, "packet"), "0 packets"}, {Count(1, "packet"), "1 packet"}, {Count(1000, "packet"), "1,000 packets"},
		{Count(1, "copy"), "1 copy"}, {Count(2, "copy"), "2 copies"}, {Count(2, "key"), "2 keys"}, {Count(2, "day"), "2 days"},
		{Count(int64(2), "VXLAN or GENEVE packet"), "2 VXLAN or GENEVE packets"},
		{CountIs(1, "copy"), "1 copy is"}, {CountIs(2, "copy"), "2 copies are"}, {CountWas(1, "copy"), "1 copy was"}, {CountWas(0, "copy"), "0 copies were"},
		{List(nil), ""}, {List([]string{"a"}), "a"}, {List([]string{"a", "b"}), "a and b"}, {List([]string{"a", "b", "c"}), "a, b and c"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
	texts := []string{"a", "b", "c"}
	if List(texts); !slices.Equal(texts, []string{"a", "b", "c"}) {
		t.Errorf("List changed its argument to %q", texts)
	}
}
