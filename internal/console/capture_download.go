package console

import (
	"errors"
	"io"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"

	g "maragu.dev/gomponents"
)

// A captureDownload is a file that is made of a run. It is the one that the command simulate
// writes.
type captureDownload struct {
	what, ending, mediaType, help string
	write                         func(r *request, f *captureFile, ran *captureRun, to io.Writer) error
}

// copiesDownload is the download that a run may lack.
const copiesDownload = "copies"

var captureDownloads = []captureDownload{
	{copiesDownload, ".mirrored.pcap", "application/vnd.tcpdump.pcap", "the copies in VXLAN, as they leave the interface", writeCopies},
	{"annotated", ".annotated.pcapng", "application/x-pcapng", "the packets of the file, each with its verdict as a comment, for Wireshark", writeAnnotated},
	{"verdicts", ".verdicts.jsonl", "application/x-ndjson", "the verdict of each packet, one JSON object on a line", writeVerdicts(simulation.VerdictJSON)},
	{"verdicts-csv", ".verdicts.csv", "text/csv; charset=utf-8", "the same as CSV", writeVerdicts(simulation.VerdictCSV)},
	{"verdicts-eve", ".eve.json", "application/x-ndjson", "the same with the field names of Suricata's EVE", writeVerdicts(simulation.VerdictEVE)},
	{"summary", ".summary.json", "application/json", "the summary, which the command merge reads", writeSummary},
	{"flows", ".flows.csv", "text/csv; charset=utf-8", "the flow table", func(_ *request, _ *captureFile, ran *captureRun, to io.Writer) error { return ran.flows.WriteCSV(to) }},
	{"flows-json", ".flows.json", "application/json", "the flow table with everything that it has, which the command merge reads", func(_ *request, _ *captureFile, ran *captureRun, to io.Writer) error { return ran.flows.WriteJSON(to) }},
	{"report", ".report.html", "text/html; charset=utf-8", "the report, with the flows: one page that needs no network", writeReport},
}

func writeCopies(r *request, f *captureFile, ran *captureRun, to io.Writer) error {
	encapsulator, err := ran.source.Encapsulator()
	if err != nil {
		return err
	}
	return f.write(r.Context(), ran, simulation.NewCopies(to, capture.Pcap, encapsulator))
}

func writeAnnotated(r *request, f *captureFile, ran *captureRun, to io.Writer) error {
	annotation := simulation.NewAnnotation(to)
	if err := f.write(r.Context(), ran, annotation); err != nil {
		return err
	}
	for _, text := range annotation.LeftOut() {
		r.console.options.Log.Warn("an annotated capture is not whole", "file", f.name, "lacks", text)
	}
	return nil
}

func writeVerdicts(format simulation.VerdictFormat) func(*request, *captureFile, *captureRun, io.Writer) error {
	return func(r *request, f *captureFile, ran *captureRun, to io.Writer) error {
		return f.write(r.Context(), ran, simulation.NewVerdictLines(to, ran.source, format))
	}
}

func writeReport(r *request, f *captureFile, ran *captureRun, to io.Writer) error {
	collector := report.NewCollector(ran.source)
	summary, err := f.simulate(r.Context(), ran.source, collector)
	if !isDamage(err) && err != nil {
		return err
	}
	data := collector.Data(f.name, summary, simulation.Results{Err: err})
	data.Origin.Captures, data.Origin.Version = []string{f.name}, r.console.options.Version
	return report.Write(to, data)
}

func writeSummary(_ *request, f *captureFile, ran *captureRun, to io.Writer) error {
	return simulation.RunSummary{Summary: ran.summary, Files: 1, IsComplete: ran.damage == nil, Configuration: ran.source.Configuration(f.direction)}.WriteJSON(to)
}

// isDamage reports whether an error is about the capture, so that there is a result of the
// packets before.
func isDamage(err error) bool {
	var damage *capture.FormatError
	return errors.As(err, &damage)
}

// downloadsPart lists the downloads, and says what they lack.
func downloadsPart(f *captureFile, ran *captureRun) g.Node {
	var lines [][]g.Node
	for _, d := range captureDownloads {
		if d.what == copiesDownload && ran.noCopy != nil {
			lines = append(lines, words("There are no copies to download: ", sentence(ran.noCopy.Error())))
			continue
		}
		lines = append(lines, words(anchor("/captures/"+f.id+"/"+d.what, f.baseName()+d.ending), ": "+d.help+"."))
	}
	for _, l := range ran.leftOut {
		lines = append(lines, words("The copies lack ", l.String(), "."))
	}
	return part("downloads", "Downloads", list(lines...))
}

// serveDownload makes a file of a run.
func serveDownload(r *request) (*page, error) {
	at := slices.IndexFunc(captureDownloads, func(d captureDownload) bool { return d.what == r.PathValue("what") })
	if at < 0 {
		return noPage(r)
	}
	f, ran, err := captureOn(r, r.PathValue("id"))
	d := captureDownloads[at]
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return noCapturePage(), nil
	case d.what == copiesDownload && ran.noCopy != nil:
		return refusal(422, "There are no copies", sentence(ran.noCopy.Error())), nil //nolint:nilerr // the page says it
	}
	return &page{download: &download{name: f.baseName() + d.ending, mediaType: d.mediaType, write: func(to io.Writer) error { return d.write(r, f, ran, to) }}}, nil
}
