package emulator

import (
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// writeType writes what is known of an instance type. A structure is opened with the first
// of its elements, and closed after the last: they are one after the other in typeFields.
func writeType(x *query.Writer, s typeSpec) {
	var open []string
	turn := func(to []string) {
		same := 0
		for same < min(len(open), len(to)) && open[same] == to[same] {
			same++
		}
		for i := len(open) - 1; i >= same; i-- {
			x.Close(open[i])
		}
		for _, name := range to[same:] {
			x.Open(name)
		}
		open = to
	}
	for _, f := range typeFields {
		elements := strings.Split(f.path, "/")
		last := len(elements) - 1
		if f.values == nil {
			turn(elements[:last])
			continue
		}
		values := f.values(s)
		if len(values) == 0 {
			continue
		}
		turn(elements[:last])
		if f.write != nil {
			x.In(elements[last], func() { f.write(x, s) })
			continue
		}
		for _, v := range values {
			x.Text(elements[last], v)
		}
	}
	turn(nil)
}

// longPerformance writes a network performance of the table in full: <10G is Up to 10
// Gigabit.
func longPerformance(text string) string {
	text = strings.ReplaceAll(text, "_", " ")
	if rest, upTo := strings.CutPrefix(text, "<"); upTo {
		text = "Up to " + rest
	}
	for unit, long := range map[string]string{"G": " Gigabit", "M": " Megabit"} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			return number + long
		}
	}
	return text
}

// cardPerformance returns the network performance of each card. Mostly it says the same as
// the bandwidth.
func (s typeSpec) cardPerformance() string {
	if v := s.value("card"); v != "=" {
		return longPerformance(v)
	}
	low, high := s.pair("gbps")
	if low != high {
		high = "<" + high
	}
	return longPerformance(high + "G")
}

func (s typeSpec) performance() []string {
	if v := s.value("network"); v != "=" {
		return oneValue(longPerformance(v))
	}
	return oneValue(s.cardPerformance())
}

func doubleText(text string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return ""
	}
	return double(n)
}

// writeNetworkCards writes cards that are all the same, as they are in all types but one.
func writeNetworkCards(x *query.Writer, s typeSpec) {
	low, high := s.pair("gbps")
	cards := s.number("cards")
	for i := range cards {
		x.In("item", func() {
			x.Int("networkCardIndex", i)
			x.OptText("networkPerformance", s.cardPerformance())
			x.Int("maximumNetworkInterfaces", s.number("interfaces")/cards)
			x.OptText("baselineBandwidthInGbps", doubleText(low))
			x.OptText("peakBandwidthInGbps", doubleText(high))
			x.OptText("defaultEnaQueueCountPerInterface", s.value("queues"))
		})
	}
}

// writeEBSCards writes cards that share the performance evenly.
func writeEBSCards(x *query.Writer, s typeSpec) {
	cards := s.number("ebscards")
	for i := range cards {
		x.In("item", func() {
			x.Int("ebsCardIndex", i)
			for _, limit := range []string{"baseline", "maximum"} {
				x.Int(limit+"BandwidthInMbps", s.number("ebs")/cards)
				x.Text(limit+"ThroughputInMBps", double(float64(s.number("ebs")/cards)/8))
				x.Int(limit+"Iops", s.number("iops")/cards)
			}
		})
	}
}

// typeKind is there for types with devices of a kind.
func typeKind(kind string) func(typeSpec) []string {
	return func(s typeSpec) []string {
		if v := s.value("accelerator"); strings.HasPrefix(v, kind+":") {
			return []string{v}
		}
		return nil
	}
}

// devices returns the parts of a property that names devices, where _ is a space.
func (s typeSpec) devices(property string) []string {
	return strings.Split(strings.ReplaceAll(s.value(property), "_", " "), ":")
}

// writeDevices writes devices of which the table has kind:manufacturer:name:count:MiB.
func writeDevices(set, item, total string) func(*query.Writer, typeSpec) {
	return func(x *query.Writer, s typeSpec) {
		d := s.devices("accelerator")
		x.In(set, func() {
			x.In(item, func() { writeDevice(x, d) })
		})
		writeTotal(x, total, d[3], d[4])
	}
}

func writeDevice(x *query.Writer, d []string) {
	x.Text("manufacturer", d[1])
	x.Text("name", d[2])
	x.Text("count", d[3])
	x.In("memoryInfo", func() { x.Text("sizeInMiB", d[4]) })
}

// writeGPUs writes GPUs, of which the table has also :partition:logical GPUs:workloads.
func writeGPUs(x *query.Writer, s typeSpec) {
	d := s.devices("accelerator")
	x.In("gpus", func() {
		x.In("item", func() {
			writeDevice(x, d)
			x.Text("gpuPartitionSize", doubleText(d[5]))
			x.Text("logicalGpuCount", d[6])
			x.In("workloadSet", func() {
				for workload := range strings.SplitSeq(d[7], ",") {
					x.Text("item", workload)
				}
			})
		})
	})
	writeTotal(x, "totalGpuMemoryInMiB", d[3], d[4])
}

// writeNeurons writes devices of which the table has name:count:cores:version of the
// cores:MiB.
func writeNeurons(x *query.Writer, s typeSpec) {
	d := s.devices("neuron")
	x.In("neuronDevices", func() {
		x.In("item", func() {
			x.Text("name", d[0])
			x.Text("count", d[1])
			x.In("coreInfo", func() {
				x.Text("count", d[2])
				x.Text("version", d[3])
			})
			x.In("memoryInfo", func() { x.Text("sizeInMiB", d[4]) })
		})
	})
	writeTotal(x, "totalNeuronDeviceMemoryInMiB", d[1], d[4])
}

// writeTotal writes the memory of all devices. A part of a GPU is 0 GPUs.
func writeTotal(x *query.Writer, element, count, mib string) {
	n, _ := strconv.Atoi(count)
	each, _ := strconv.Atoi(mib)
	x.Int(element, max(n, 1)*each)
}
