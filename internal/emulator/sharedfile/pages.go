package sharedfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// checkRoot returns an error if a file is not one of bbolt, or has lost its end.
func checkRoot(file *os.File) error {
	_, err := readRoot(file)
	return err
}

// checkPages reads every page of a bbolt file and returns an error if one would make
// bbolt panic or loop. bbolt does not check its pages itself: only the two root pages
// have a checksum. The caller must have locked the file.
//
// https://github.com/etcd-io/bbolt/blob/main/internal/common/page.go
func checkPages(file *os.File) error {
	c, err := readRoot(file)
	if err != nil {
		return err
	}
	if err := c.all(); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}

func readRoot(file *os.File) (*pageCheck, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return nil, errEmpty
	}
	c := &pageCheck{file: file, seen: map[uint64]bool{}}
	if !c.readMeta() {
		return nil, errForeign
	}
	if size := uint64(info.Size()); c.pages > size/c.pageSize {
		return nil, fmt.Errorf("%w: it has %d bytes of %d", errDamaged, size, c.pages*c.pageSize)
	}
	return c, nil
}

// The layout of a page: a header, then elements, then the bytes they point to.
const (
	pageHeader    = 16 // id, flags, count, overflow
	metaSize      = 64 // magic, version, page size, flags, root, sequence, list of free pages, high-water mark, transaction, checksum
	elementSize   = 16 // of branch and leaf pages alike
	metaMagic     = 0xED0CDAED
	inlineBucket  = 16 // root page and sequence; a page follows if the root is 0
	flagBranch    = 0x01
	flagLeaf      = 0x02
	flagFreelist  = 0x10
	flagBucket    = 0x01 // of a leaf element
	noFreelist    = ^uint64(0)
	maxNesting    = 64
	maxPageMemory = 1 << 30
)

type pageCheck struct {
	file     io.ReaderAt
	pageSize uint64
	pages    uint64 // high-water mark
	root     uint64
	freelist uint64
	seen     map[uint64]bool
}

// readMeta reads the newer of the two roots, as bbolt does.
func (c *pageCheck) readMeta() bool {
	var head [pageHeader + metaSize]byte
	newest, found := uint64(0), false
	for _, at := range []int64{0, c.guessPageSize()} {
		if _, err := c.file.ReadAt(head[:], at); err != nil {
			continue
		}
		meta := head[pageHeader:]
		if binary.NativeEndian.Uint32(meta) != metaMagic || !metaSumIsRight(meta) {
			continue
		}
		if txid := binary.NativeEndian.Uint64(meta[48:]); !found || txid > newest {
			newest, found = txid, true
			c.pageSize = uint64(binary.NativeEndian.Uint32(meta[8:]))
			c.root = binary.NativeEndian.Uint64(meta[16:])
			c.freelist = binary.NativeEndian.Uint64(meta[32:])
			c.pages = binary.NativeEndian.Uint64(meta[40:])
		}
	}
	return found && c.pageSize >= 1024
}

// guessPageSize returns the page size in the first root. If that root is broken, it
// returns the page size of the system, which finds the second root.
func (c *pageCheck) guessPageSize() int64 {
	var size [4]byte
	if _, err := c.file.ReadAt(size[:], pageHeader+8); err != nil {
		return int64(os.Getpagesize())
	}
	if n := int64(binary.NativeEndian.Uint32(size[:])); n >= 1024 && n <= 1<<24 {
		return n
	}
	return int64(os.Getpagesize())
}

func metaSumIsRight(meta []byte) bool {
	sum := fnv.New64a()
	sum.Write(meta[:56])
	return sum.Sum64() == binary.NativeEndian.Uint64(meta[56:])
}

func (c *pageCheck) all() error {
	if c.freelist != noFreelist {
		if err := c.checkFreelist(); err != nil {
			return err
		}
	}
	if err := c.tree(c.root, keyRange{}, 0); err != nil {
		return err
	}
	return c.checkRest()
}

// checkRest returns an error if a page is neither free nor part of the tree. Then a reference leads to a wrong page
// instead of to this one. The order of the keys need not show that.
func (c *pageCheck) checkRest() error {
	if c.freelist == noFreelist {
		return nil // then what is not in the tree is free
	}
	for id := uint64(2); id < c.pages; id++ {
		if !c.seen[id] {
			return fmt.Errorf("nothing refers to page %d", id)
		}
	}
	return nil
}

// page reads a page. It is an error if another page refers to it too.
func (c *pageCheck) page(id uint64) ([]byte, error) {
	if id < 2 || id >= c.pages {
		return nil, fmt.Errorf("page %d is outside of the file", id)
	}
	var header [pageHeader]byte
	if _, err := c.file.ReadAt(header[:], int64(id*c.pageSize)); err != nil {
		return nil, err
	}
	more := uint64(binary.NativeEndian.Uint32(header[12:]))
	if binary.NativeEndian.Uint64(header[:]) != id || id+more >= c.pages || (more+1)*c.pageSize > maxPageMemory {
		return nil, fmt.Errorf("page %d has a wrong header", id)
	}
	for i := id; i <= id+more; i++ {
		if c.seen[i] {
			return nil, fmt.Errorf("page %d is used twice", i)
		}
		c.seen[i] = true
	}
	page := make([]byte, (more+1)*c.pageSize)
	_, err := c.file.ReadAt(page, int64(id*c.pageSize))
	return page, err
}

func (c *pageCheck) checkFreelist() error {
	page, err := c.page(c.freelist)
	if err != nil {
		return err
	}
	if flagsOf(page) != flagFreelist {
		return fmt.Errorf("page %d is not the list of free pages", c.freelist)
	}
	ids := page[pageHeader:]
	count := uint64(countOf(page))
	if count == 0xFFFF { // then the count precedes the list
		count, ids = binary.NativeEndian.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids)/8) {
		return errors.New("the list of free pages is longer than its page")
	}
	for i := range count {
		id := binary.NativeEndian.Uint64(ids[8*i:])
		if id < 2 || id >= c.pages || c.seen[id] {
			return fmt.Errorf("page %d cannot be free", id)
		}
		c.seen[id] = true
	}
	return nil
}

// keyRange is what a branch says of the keys of a page below it. first is the first of them, exactly: otherwise bbolt loses the page when it
// writes it. Each key comes before the key before. Each of the two is empty if nothing is said.
type keyRange struct {
	first, before string
}

func (r keyRange) allows(key string, isFirst bool) bool {
	return (!isFirst || r.first == "" || key == r.first) && (r.before == "" || key < r.before)
}

// tree checks a page and everything below it.
func (c *pageCheck) tree(id uint64, keys keyRange, depth int) error {
	page, err := c.page(id)
	if err != nil {
		return err
	}
	if depth > maxNesting {
		return fmt.Errorf("page %d is nested too deeply", id)
	}
	return c.elements(page, id, keys, depth)
}

func (c *pageCheck) elements(page []byte, id uint64, keys keyRange, depth int) error {
	flags, count := flagsOf(page), countOf(page)
	if flags != flagBranch && flags != flagLeaf || flags == flagBranch && count == 0 {
		return fmt.Errorf("page %d is neither a branch nor a leaf", id)
	}
	if pageHeader+count*elementSize > len(page) {
		return fmt.Errorf("page %d has more elements than room", id)
	}
	last := ""
	for i := range count {
		e := element{page, pageHeader + i*elementSize}
		key, value, ok := e.parts(flags)
		if !ok || len(key) == 0 || i > 0 && string(key) <= last || !keys.allows(string(key), i == 0) {
			return fmt.Errorf("element %d of page %d is broken", i, id)
		}
		last = string(key)
		if flags == flagLeaf {
			if err := c.bucket(e, value, depth); err != nil {
				return err
			}
			continue
		}
		below := keyRange{first: last, before: keys.before}
		if i+1 < count {
			next := element{page, pageHeader + (i+1)*elementSize}
			if key, _, ok := next.parts(flags); ok { // else the next round refuses it
				below.before = string(key)
			}
		}
		if err := c.tree(e.u64(8), below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// bucket checks the pages of an element of a leaf, if it is a bucket.
func (c *pageCheck) bucket(e element, value []byte, depth int) error {
	switch {
	case e.u32(0)&flagBucket == 0:
		return nil
	case len(value) < inlineBucket:
		return errors.New("a bucket is broken")
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return c.tree(root, keyRange{}, depth+1)
	}
	inline := value[inlineBucket:]
	if len(inline) < pageHeader || flagsOf(inline) != flagLeaf || depth > maxNesting {
		return errors.New("a bucket is broken")
	}
	return c.elements(inline, 0, keyRange{}, depth+1)
}

func flagsOf(page []byte) uint16 { return binary.NativeEndian.Uint16(page[8:]) }

func countOf(page []byte) int { return int(binary.NativeEndian.Uint16(page[10:])) }

// element is an element of a branch page (position, key size, page) or of a leaf
// page (flags, position, key size, value size). A position counts from the
// element.
type element struct {
	page []byte
	at   int
}

func (e element) u32(offset int) uint32 { return binary.NativeEndian.Uint32(e.page[e.at+offset:]) }

func (e element) u64(offset int) uint64 { return binary.NativeEndian.Uint64(e.page[e.at+offset:]) }

func (e element) parts(flags uint16) (key, value []byte, ok bool) {
	position, keySize, valueSize := uint64(e.u32(0)), uint64(e.u32(4)), uint64(0)
	if flags == flagLeaf {
		position, keySize, valueSize = uint64(e.u32(4)), uint64(e.u32(8)), uint64(e.u32(12))
	}
	start := uint64(e.at) + position
	if start+keySize+valueSize > uint64(len(e.page)) {
		return nil, nil, false
	}
	return e.page[start : start+keySize], e.page[start+keySize : start+keySize+valueSize], true
}
