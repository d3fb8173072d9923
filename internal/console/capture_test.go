package console_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/console"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// A sentFile is a file of a form.
type sentFile struct {
	name string
	text []byte
}

// send sends the form of captures with files.
func (b *browser) send(on, direction string, files ...sentFile) answer {
	b.t.Helper()
	token := tokenField.FindStringSubmatch(b.get("/captures").body)
	if token == nil {
		b.t.Fatal("the form has no token")
	}
	return b.sendAs(token[1], on, direction, files...)
}

func (b *browser) sendAs(token, on, direction string, files ...sentFile) answer {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range [][2]string{{"csrf", token}, {"on", on}, {"direction", direction}} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := form.CreateFormFile("file", f.name)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := part.Write(f.text); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.server.URL+"/captures", &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Origin", b.server.URL)
	return b.do(r)
}

func quickstartCapture(t *testing.T) sentFile {
	t.Helper()
	text, err := os.ReadFile("../../examples/quickstart/quickstart.pcap")
	if err != nil {
		t.Fatal(err)
	}
	return sentFile{"quickstart.pcap", text}
}

// A capture shows what the sessions do with it, as the command simulate says it, and its
// downloads are those of the command.
func TestCapture(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.quickstart()
	b := l.browser()
	got := b.send(web, "", quickstartCapture(t))
	page := parse(t, got.body)
	if got.status != http.StatusOK || problemsOf(t, got.body) != nil {
		t.Fatalf("%d: %q\n%s", got.status, problemsOf(t, got.body), page.words())
	}
	for _, want := range []string{"quickstart.pcap on web", "193 packets, 67,276 bytes; mirrored 178 packets", "Where the packets go", "Frame lengths", "Conversations of the interface", "10.0.1.10:22"} {
		if !strings.Contains(page.words(), want) {
			t.Errorf("the page does not have %q:\n%s", want, page.words())
		}
	}
	copies := b.get(got.path + "/copies")
	reader, err := capture.NewReader(strings.NewReader(copies.body))
	if err != nil {
		t.Fatalf("%v: %s", err, copies.body)
	}
	n := 0
	var record capture.Record
	for err = reader.Next(&record); err == nil; err = reader.Next(&record) {
		n++
	}
	if n != 178 || !errors.Is(err, io.EOF) || copies.header.Get("Content-Disposition") != `attachment; filename="quickstart.mirrored.pcap"` {
		t.Errorf("%d copies, %v, %q", n, err, copies.header)
	}
	if lines := strings.Count(b.get(got.path+"/verdicts").body, "\n"); lines != 193 {
		t.Errorf("%d verdicts", lines)
	}
	rows, err := csv.NewReader(strings.NewReader(b.get(got.path + "/flows").body)).ReadAll()
	if err != nil || len(rows) < 10 {
		t.Errorf("%d flows, %v", len(rows), err)
	}
	for _, what := range []string{"summary", "flows-json", "report"} {
		if download := b.get(got.path + "/" + what); download.status != http.StatusOK || len(download.body) < 500 {
			t.Errorf("%s: %d, %d bytes", what, download.status, len(download.body))
		}
	}
	if missing := b.get(got.path + "/nothing"); missing.status != http.StatusNotFound {
		t.Errorf("an unknown download: %d", missing.status)
	}
}

// A change of a session changes the result of a capture that is there already.
func TestCaptureFollowsSessions(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	b := l.browser()
	got := b.send(web, "", quickstartCapture(t))
	if !strings.Contains(got.body, "no session") || strings.Contains(got.body, "mirrored 178 packets") {
		t.Errorf("without sessions: %s", parse(t, got.body).words())
	}
	l.quickstart()
	if again := b.get(got.path); !strings.Contains(again.body, "mirrored 178 packets") {
		t.Errorf("with sessions: %s", parse(t, again.body).words())
	}
}

// What cannot be kept is said at its field, and nothing is kept.
func TestCaptureRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	b := l.browser()
	good := quickstartCapture(t)
	for name, c := range map[string]struct {
		on, direction string
		files         []sentFile
		want          string
	}{
		"no interface":        {"", "", []sentFile{good}, "Is empty. Write the ID of a network interface."},
		"no ID":               {"web", "", []sentFile{good}, "eni-"},
		"another direction":   {web, "sideways", []sentFile{good}, "sideways"},
		"no file":             {web, "", nil, "Choose a capture file."},
		"an empty file field": {web, "", []sentFile{{"", nil}}, "Choose a capture file."},
		"no capture":          {web, "", []sentFile{{"notes.txt", []byte("no capture at all, but a text")}}, "notes.txt, which is no capture that can be read"},
		"empty":               {web, "", []sentFile{{"empty.pcap", nil}}, "empty.pcap, which is no capture that can be read"},
	} {
		got := b.send(c.on, c.direction, c.files...)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(parse(t, got.body).words(), c.want) || problemsOf(t, got.body) != nil {
			t.Errorf("%s: %d\n%q\n%s", name, got.status, problemsOf(t, got.body), parse(t, got.body).words())
		}
	}
	if left := b.get("/captures"); strings.Contains(left.body, "quickstart.pcap") {
		t.Error("a file of a refused form is kept")
	}
}

// A browser sees its own captures only, and needs the token of its session.
func TestCaptureIsPrivate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	own, other := l.browser(), l.browser()
	got := own.send(web, "", sentFile{`C:\captures\<script>"x.pcap`, quickstartCapture(t).text})
	if got.status != http.StatusOK || strings.Contains(got.body, "<script>") {
		t.Fatalf("%d: %s", got.status, got.body)
	}
	other.get("/captures")
	for _, path := range []string{got.path, got.path + "/copies", "/trace?capture=" + strings.TrimPrefix(got.path, "/captures/") + "&number=1"} {
		if answer := other.get(path); answer.status == http.StatusOK {
			t.Errorf("another browser gets %s", path)
		}
	}
	if strings.Contains(other.get("/captures").body, "x.pcap") {
		t.Error("another browser sees the name")
	}
	if forged := other.sendAs("0123", web, "", quickstartCapture(t)); forged.status != http.StatusForbidden {
		t.Errorf("without the token: %d", forged.status)
	}
}

// Removed captures are gone, and their number is limited.
func TestCaptureLimits(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	b := l.browser()
	var paths []string
	for range 8 {
		paths = append(paths, b.send(web, "", quickstartCapture(t)).path)
	}
	full := b.send(web, "", quickstartCapture(t))
	if full.status != http.StatusUnprocessableEntity || !strings.Contains(full.body, "there are 8 files already") {
		t.Errorf("a ninth file: %d", full.status)
	}
	page := b.get(paths[0])
	if removed := b.post(page, paths[0]+"/remove", url.Values{}); removed.path != "/captures" {
		t.Errorf("removed: %d, %s", removed.status, removed.path)
	}
	if gone := b.get(paths[0]); gone.status != http.StatusNotFound {
		t.Errorf("the removed file: %d", gone.status)
	}
	if more := b.send(web, "", quickstartCapture(t)); more.status != http.StatusOK {
		t.Errorf("after a removal: %d", more.status)
	}
}

// The files are in a folder that only the user can read, and the end of the console removes it.
func TestCaptureFolder(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	l := newLab(t)
	if got := l.browser().send(web, "", quickstartCapture(t)); got.status != http.StatusOK {
		t.Fatal(got.status)
	}
	folders, err := filepath.Glob(filepath.Join(temporary, "trafficmirror-console-*"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("%q, %v", folders, err)
	}
	if info, err := os.Stat(folders[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := l.console.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// A damaged capture shows what is before the damage, and says so.
func TestCaptureDamaged(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.quickstart()
	whole := quickstartCapture(t)
	got := l.browser().send(web, "", sentFile{"cut.pcap", whole.text[:len(whole.text)/2]})
	if words := parse(t, got.body).words(); got.status != http.StatusOK || !strings.Contains(words, "The file is damaged. The numbers are of the packets before the damage: record") {
		t.Errorf("%d: %s", got.status, words)
	}
}

// The steps of a packet are those of the command trace.
func TestTrace(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.quickstart()
	b := l.browser()
	for name, c := range map[string]struct {
		query  url.Values
		status int
		wants  []string
	}{
		"mirrored": {url.Values{"on": {web}, "direction": {"ingress"}, "packet": {"tcp 192.0.2.9:50000 > 10.0.1.10:443, 1500 bytes"}}, 200,
			[]string{"tcp 192.0.2.9:50000 > 10.0.1.10:443, 1500 bytes", ": mirrored tcp", "Verdict: mirrored, session 1, rule 200, 128 bytes."}},
		"rejected by the first": {url.Values{"on": {web}, "direction": {"ingress"}, "packet": {"tcp 10.0.9.7:50000 > 10.0.1.10:22"}}, 200,
			[]string{"Rule 100 (reject) matches. Session 1 does not take the packet.", "Verdict: mirrored, session 2, rule 100, 54 bytes."}},
		"not mirrored": {url.Values{"on": {web}, "direction": {"egress"}, "packet": {"udp 10.0.1.10:123 > 169.254.169.123:123"}}, 200, []string{"not mirrored"}},
		"no packet":    {url.Values{"on": {web}, "direction": {"ingress"}, "packet": {"hello"}}, 422, []string{`"hello" is not a packet`}},
		"bad address":  {url.Values{"on": {web}, "direction": {"ingress"}, "packet": {"tcp 10.0.0.300:1 > 10.0.1.10:22"}}, 422, []string{"10.0.0.300"}},
		"two directions": {url.Values{"on": {web}, "direction": {"ingress"}, "packet": {"egress tcp 10.0.0.3:1 > 10.0.1.10:22"}}, 422,
			[]string{"Write the direction only once."}},
		"impossible":      {url.Values{"on": {web}, "direction": {"ingress"}, "packet": {"tcp 10.0.0.3:1 > 10.9.9.9:22"}}, 200, []string{"not mirrored"}},
		"no interface":    {url.Values{"direction": {"ingress"}, "packet": {"tcp 10.0.0.3:1 > 10.0.1.10:22"}}, 422, []string{"Write the ID of a network interface."}},
		"other interface": {url.Values{"on": {"eni-0123456789abcdef0"}, "direction": {"ingress"}, "packet": {"tcp 10.0.0.3:1 > 10.0.1.10:22"}}, 422, []string{"which EC2 does not show"}},
		"no direction":    {url.Values{"on": {web}, "packet": {"tcp 10.0.0.3:1 > 10.0.1.10:22"}}, 422, []string{"Direction : Is missing."}},
	} {
		got := b.get("/trace?" + c.query.Encode())
		words := parse(t, got.body).words()
		if got.status != c.status || problemsOf(t, got.body) != nil {
			t.Errorf("%s: %d, %q", name, got.status, problemsOf(t, got.body))
		}
		for _, want := range c.wants {
			if !strings.Contains(words, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, words)
			}
		}
	}
}

// A packet of a capture is traced by its number.
func TestTraceCaptured(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.quickstart()
	b := l.browser()
	id := strings.TrimPrefix(b.send(web, "", quickstartCapture(t)).path, "/captures/")
	for number, want := range map[string]string{
		"38":  "Verdict: mirrored, session 1, rule 200, 128 bytes.",
		"1":   "arp",
		"194": "quickstart.pcap has 193 packets.",
		"0":   "Write the number of a packet, from 1.",
		"x":   "Write the number of a packet, from 1.",
	} {
		got := b.get(fmt.Sprintf("/trace?capture=%s&number=%s", id, number))
		if words := parse(t, got.body).words(); !strings.Contains(strings.ToLower(words), strings.ToLower(want)) || problemsOf(t, got.body) != nil {
			t.Errorf("packet %s: %q is not in\n%s", number, want, words)
		}
	}
}

// The page of a filter shows how often the packets of a capture hit each rule. It is the last
// capture of this browser on an interface that uses the filter, or the one that the URL names.
func TestFilterHits(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.quickstart()
	sessions, err := l.account().Sessions(t.Context())
	l.must(err)
	filter := ""
	for _, s := range sessions {
		if s.InterfaceID == web && s.Number == 1 {
			filter = s.FilterID
		}
	}
	_, err = l.account().CreateRule(t.Context(), mirror.Rule{
		FilterID: filter, Direction: mirror.Ingress, Number: 250, Action: mirror.Reject, Protocol: new(mirror.Protocol(89)),
		SourceCIDR: netip.MustParsePrefix("10.9.9.9/32"), DestinationCIDR: mirror.EveryIPv4,
	}, nil, account.NewToken())
	l.must(err)
	b := l.browser()
	if words := parse(t, b.get("/filters/"+filter).body).words(); strings.Contains(words, "Hits") {
		t.Errorf("without a capture: %s", words)
	}
	b.send(app, "", quickstartCapture(t)) // its sessions do not use the filter
	if words := parse(t, b.get("/filters/"+filter).body).words(); strings.Contains(words, "Hits") {
		t.Errorf("with a capture of another interface: %s", words)
	}
	first := b.send(web, "", quickstartCapture(t))
	b.send(web, "ingress", sentFile{"received.pcap", quickstartCapture(t).text})
	for path, wants := range map[string][]string{
		"": {"The column Hits is of received.pcap on web " + web + " , session 1: 193 packets.", "Show the hits of another capture: quickstart.pcap on web",
			"never hit The capture has no egress packet."},
		"?capture=" + strings.TrimPrefix(first.path, "/captures/"): {"The column Hits is of quickstart.pcap on web " + web + " , session 1: 193 packets.", "received.pcap on web",
			"100 reject 5 reject TCP from 10.0.0.0/8 to any IPv4 address, port 22", "250 reject never hit reject OSPF from 10.9.9.9 to any IPv4 address"},
	} {
		got := b.get("/filters/" + filter + path)
		words := parse(t, got.body).words()
		for _, want := range wants {
			if !strings.Contains(words, want) || problemsOf(t, got.body) != nil {
				t.Errorf("%q: %q is not in\n%s\n%q", path, want, words, problemsOf(t, got.body))
			}
		}
	}
	if words := parse(t, l.browser().get("/filters/"+filter).body).words(); strings.Contains(words, "Hits") {
		t.Errorf("another browser sees %s", words)
	}
}

// A flow table and a summary of a damaged capture say that they are not whole.
func TestCaptureDamagedDownloads(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.quickstart()
	b := l.browser()
	whole := quickstartCapture(t)
	got := b.send(web, "", sentFile{"cut.pcap", whole.text[:len(whole.text)/2]})
	flows, err := flow.Parse(strings.NewReader(b.get(got.path + "/flows-json").body))
	if err != nil || !flows.Incomplete {
		t.Errorf("the flows are %+v, %v", flows, err)
	}
	summary, err := simulation.ParseRunSummary([]byte(b.get(got.path + "/summary").body))
	if err != nil || summary.IsComplete || summary.Files != 1 {
		t.Errorf("the summary is %+v, %v", summary, err)
	}
	if report := b.get(got.path + "/report"); report.status != http.StatusOK || !strings.Contains(report.body, "record") {
		t.Errorf("the report is %d: %s", report.status, report.body)
	}
}

// With several files, those before a wrong one are not kept either.
func TestCaptureRefused_oneOfSeveral(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	good := quickstartCapture(t)
	for name, files := range map[string][]sentFile{
		"the last": {good, good, {"notes.txt", []byte("no capture at all, but a text")}},
		"too many": {good, good, good, good, good, good, good, good, good},
	} {
		got := b.send(web, "", files...)
		if words := parse(t, got.body).words(); got.status != http.StatusUnprocessableEntity || !strings.Contains(words, "Nothing was kept.") || strings.Contains(words, "quickstart.pcap on") {
			t.Errorf("%s: %d %s", name, got.status, words)
		}
		if left := b.get("/captures"); strings.Contains(left.body, "quickstart.pcap") {
			t.Errorf("%s: a file of the form is kept", name)
		}
	}
}

// A form that ends in the middle keeps no file.
func TestCaptureCut(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	b := l.browser()
	token := tokenField.FindStringSubmatch(b.get("/captures").body)[1]
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	l.must(form.WriteField("csrf", token))
	l.must(form.WriteField("on", web))
	for range 2 {
		part, err := form.CreateFormFile("file", "quickstart.pcap")
		l.must(err)
		_, err = part.Write(quickstartCapture(t).text)
		l.must(err)
	}
	body.Truncate(body.Len() - 100)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.server.URL+"/captures", &body)
	l.must(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	got := b.do(r)
	if words := parse(t, got.body).words(); got.status != http.StatusBadRequest || !strings.Contains(words, "The files were not kept") {
		t.Errorf("%d %s", got.status, words)
	}
	if left := b.get("/captures"); strings.Contains(left.body, "quickstart.pcap") {
		t.Error("a file of the form is kept")
	}
}

// A download that fails in the middle does not end as a whole file.
func TestCaptureDownloadFails(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	l := newLab(t, func(o *console.Options) { o.Log = logTo(&log) })
	l.quickstart()
	frame := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 9, 7, 10, 0, 1, 10, 0xc3, 0x50, 1, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0}
	var file bytes.Buffer
	out := capture.Pcapng.NewWriter(&file, packet.LinkEthernet)
	for _, at := range []int64{1e18, 5e18, 1e18} { // a pcap cannot have the second
		l.must(out.Write(at, frame))
	}
	l.must(out.Close())
	b := l.browser()
	got := b.send(web, "ingress", sentFile{"x.pcapng", file.Bytes()})
	response, err := b.client.Get(l.server.URL + got.path + "/copies")
	if err == nil {
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
	}
	l.server.Close() // waits for the request, which writes the log
	if err == nil || !strings.Contains(log.String(), "a download ended early") {
		t.Errorf("%v: %s", err, &log)
	}
}
