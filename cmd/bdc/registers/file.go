package registers

import (
	"io"
	"os"

	"bdc/validate/registry"
)

// Open opens the files of one import as the stream that Import reads, and returns
// their size in octets. The directory is often handed out in several files. The
// caller closes the stream, read to its end or not.
func Open(paths []string) (content io.ReadCloser, size int64, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, 0, err
		}
		size += info.Size()
	}
	if len(paths) == 1 {
		file, err := os.Open(paths[0])
		if err != nil {
			return nil, 0, err
		}
		return file, size, nil
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(registry.Pack(w, paths)) }() // ends when r is read or closed
	return r, size, nil
}
