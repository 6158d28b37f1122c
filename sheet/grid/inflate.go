package grid

import (
	"bytes"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// inflaters keeps decompressors for further parts: each takes some 50 KiB.
var inflaters = sync.Pool{New: func() any { return &inflater{r: flate.NewReader(&bytes.Reader{})} }}

// inflater unzips one part.
type inflater struct {
	from bytes.Reader
	r    io.Reader
}

// inflate returns a decompressor of the bytes. The caller must call its method free.
func inflate(deflated []byte) *inflater {
	i := inflaters.Get().(*inflater)
	i.from.Reset(deflated)
	_ = i.r.(flate.Resetter).Reset(&i.from, nil) // fails only for a dictionary, and there is none
	return i
}

func (i *inflater) Read(b []byte) (int, error) { return i.r.Read(b) }

// free gives the decompressor back, for use with another part.
func (i *inflater) free() {
	i.from.Reset(nil)
	inflaters.Put(i)
}
