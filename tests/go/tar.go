// Reads tars as every engine does: with Go's archive/tar. They come on standard input, each after its length as four bytes, the highest
// first; for each goes one line of JSON to standard output. The first line is the version of Go.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"io"
	"os"
	"runtime"
)

// The content of larger files is not read: with holes it may be exabytes.
const readable = 4 << 20

type entry struct {
	Kind byte
	Name []byte
	Link []byte
	Size int64
	Mode int64
	// Of the content, as an engine would write it.
	Hash uint64
}

type answer struct {
	Entries []entry
	Error   string
}

// Without Seek, as the streams that engines read.
type stream struct{ io.Reader }

func read(content []byte) (all answer) {
	reader := tar.NewReader(stream{bytes.NewReader(content)})
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			all.Error = err.Error()
			return all
		}
		// Engines pass over it.
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		next := entry{header.Typeflag, []byte(header.Name), []byte(header.Linkname), header.Size, header.Mode, 0}
		if header.Size <= readable {
			hash := fnv.New64a()
			if _, err := io.Copy(hash, reader); err != nil {
				all.Error = err.Error()
				return all
			}
			next.Hash = hash.Sum64()
		}
		all.Entries = append(all.Entries, next)
	}
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	lines := json.NewEncoder(output)
	lines.Encode(runtime.Version())
	for {
		var length uint32
		if err := binary.Read(input, binary.BigEndian, &length); err != nil {
			return
		}
		content := make([]byte, length)
		if _, err := io.ReadFull(input, content); err != nil {
			os.Exit(1)
		}
		if err := lines.Encode(read(content)); err != nil {
			os.Exit(1)
		}
	}
}
