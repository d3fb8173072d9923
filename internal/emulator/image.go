package emulator

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// machineImage is an Amazon Machine Image. Nothing but its ID is known. What an
// image must have follows from it, and from the instances that were launched from it
// (A0151).
type machineImage struct {
	id           string
	architecture string
}

// imageFields are the documented filters on what is known. A filter on the name or the
// owner of an image is refused: they are not known, and an empty answer would say that
// there is no such image.
var imageFields = []field[machineImage]{
	{"architecture", func(_ *tx, v machineImage) []string { return oneValue(v.architecture) }},
	{"image-id", func(_ *tx, v machineImage) []string { return oneValue(v.id) }},
	{"image-type", func(*tx, machineImage) []string { return oneValue("machine") }},
	{"root-device-name", func(*tx, machineImage) []string { return oneValue(instance{}.rootDevice()) }},
	{"root-device-type", func(*tx, machineImage) []string { return oneValue(rootDeviceType) }},
	{"state", func(*tx, machineImage) []string { return oneValue("available") }},
	{"virtualization-type", func(*tx, machineImage) []string { return oneValue(virtualization) }},
}

// describeImages answers with the images in the request, or with those that instances have
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html).
func describeImages(q *query.Query) operation {
	l := q.Listing()
	l.Allow(q, fieldNames(imageFields), false)
	ids := image.readIDs(q, "ImageId")
	q.OptBool("IncludeDeprecated")
	q.OptBool("IncludeDisabled")
	if named, ok := l.Literals("image-id"); ok && len(ids) == 0 {
		ids = slices.DeleteFunc(slices.Clone(named), func(id string) bool { return !image.Is(id) })
		slices.Sort(ids)
		ids = append(slices.Compact(ids), "") // not nil: no others
	}
	return func(t *tx, x *query.Writer) error {
		used := usedImages(t)
		known := ids
		if known == nil {
			for id := range used {
				known = append(known, id)
			}
			slices.Sort(known)
		}
		items := func(yield func(string, machineImage) bool) {
			for _, id := range known {
				v := machineImage{id, used[id]}
				if v.architecture == "" {
					v.architecture = architectureOf("")
				}
				if id > l.After && !yield(id, v) {
					return
				}
			}
		}
		match := func(v machineImage) bool {
			return l.Matches(func(name string) []string { return valuesOf(t, imageFields, name, v) })
		}
		query.WritePage(x, l, "imagesSet", items, match, func(v machineImage) { writeImage(x, v) })
		return nil
	}
}

// usedImages returns the architectures of the images that instances have, by their IDs.
func usedImages(t *tx) map[string]string {
	used := map[string]string{}
	for _, v := range instances.all(t, "") {
		used[v.imageID()] = architectureOf(v.InstanceType)
	}
	return used
}

func rootSnapshot(imageID string) string { return derivedID("snap-", imageID) }

func writeImage(x *query.Writer, v machineImage) {
	x.Text("imageId", v.id)
	x.Text("imageState", "available")
	x.Bool("isPublic", true)
	x.Text("architecture", v.architecture)
	x.Text("imageType", "machine")
	x.Text("rootDeviceType", rootDeviceType)
	x.Text("rootDeviceName", instance{}.rootDevice())
	x.In("blockDeviceMapping", func() {
		x.In("item", func() {
			x.Text("deviceName", instance{}.rootDevice())
			x.In("ebs", func() {
				x.Text("snapshotId", rootSnapshot(v.id))
				x.Int("volumeSize", rootVolumeSize)
				x.Bool("deleteOnTermination", true)
				x.Text("volumeType", defaultVolumeType)
				x.Bool("encrypted", false)
			})
		})
	})
	x.Text("virtualizationType", virtualization)
	x.Text("hypervisor", "xen")
	x.Bool("enaSupport", true)
	x.Text("platformDetails", platformDetails)
	x.Text("usageOperation", usageOperation)
}
