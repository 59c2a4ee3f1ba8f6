// Reads the documents of an image as engines do: with Go's encoding/json, into structs of their shapes. They come on standard input, each
// after its length as four bytes, the highest first, and begin with a letter that says what they are; for each goes one line of JSON
// to standard output. The first line is the version of Go.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"runtime"
)

// What is compared of a config.
type config struct {
	User, OS, Architecture, Variant string
	DiffIDs                         []string
	CreatedBy                       []string
	Empty                           []bool
}

// What is compared of a document; a part that it has not is empty.
type answer struct {
	Error   string
	Configs []config
	// Pairs of a config and its layers, by name or digest.
	Images [][]string
	// Of an index.
	Digests []string
}

type history struct {
	Author     string `json:"author,omitempty"`
	CreatedBy  string `json:"created_by,omitempty"`
	Comment    string `json:"comment,omitempty"`
	EmptyLayer bool   `json:"empty_layer,omitempty"`
}

type rootFS struct {
	Type    string   `json:"type"`
	DiffIDs []string `json:"diff_ids,omitempty"`
}

type runtimeConfig struct {
	Hostname     string
	User         string
	ExposedPorts map[string]struct{} `json:",omitempty"`
	Env          []string
	Volumes      map[string]struct{}
	WorkingDir   string
	Labels       map[string]string
	StopSignal   string `json:",omitempty"`
}

// Docker's: the old form is embedded in the new one.
type v1Image struct {
	ID           string         `json:"id,omitempty"`
	Comment      string         `json:"comment,omitempty"`
	Author       string         `json:"author,omitempty"`
	Config       *runtimeConfig `json:"config,omitempty"`
	Architecture string         `json:"architecture,omitempty"`
	Variant      string         `json:"variant,omitempty"`
	OS           string         `json:"os,omitempty"`
}

type dockerImage struct {
	v1Image
	RootFS     *rootFS   `json:"rootfs,omitempty"`
	History    []history `json:"history,omitempty"`
	OSVersion  string    `json:"os.version,omitempty"`
	OSFeatures []string  `json:"os.features,omitempty"`
}

// containerd's.
type platform struct {
	Architecture string   `json:"architecture"`
	OS           string   `json:"os"`
	OSVersion    string   `json:"os.version,omitempty"`
	OSFeatures   []string `json:"os.features,omitempty"`
	Variant      string   `json:"variant,omitempty"`
}

type ociImage struct {
	Author string `json:"author,omitempty"`
	platform
	Config  runtimeConfig `json:"config,omitempty"`
	RootFS  rootFS        `json:"rootfs"`
	History []history     `json:"history,omitempty"`
}

type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
	Parent   string `json:",omitempty"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType,omitempty"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	URLs        []string          `json:"urls,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Platform    *platform         `json:"platform,omitempty"`
}

type versioned struct {
	SchemaVersion int `json:"schemaVersion"`
}

type manifest struct {
	versioned
	MediaType   string            `json:"mediaType,omitempty"`
	Config      descriptor        `json:"config"`
	Layers      []descriptor      `json:"layers"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type index struct {
	versioned
	MediaType   string            `json:"mediaType,omitempty"`
	Manifests   []descriptor      `json:"manifests"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func compared(os, architecture, variant, user string, diffIDs []string, entries []history) config {
	all := config{User: user, OS: os, Architecture: architecture, Variant: variant, DiffIDs: diffIDs}
	for _, entry := range entries {
		all.CreatedBy = append(all.CreatedBy, entry.CreatedBy)
		all.Empty = append(all.Empty, entry.EmptyLayer)
	}
	return all
}

func readConfig(document []byte, all *answer) error {
	var docker dockerImage
	if err := json.Unmarshal(document, &docker); err != nil {
		return err
	}
	var oci ociImage
	if err := json.Unmarshal(document, &oci); err != nil {
		return err
	}
	all.Configs = append(all.Configs, compared(oci.OS, oci.Architecture, oci.Variant, oci.Config.User, oci.RootFS.DiffIDs, oci.History))
	user, diffIDs := "", []string(nil)
	if docker.Config != nil {
		user = docker.Config.User
	}
	if docker.RootFS != nil {
		diffIDs = docker.RootFS.DiffIDs
	}
	all.Configs = append(all.Configs, compared(docker.OS, docker.Architecture, docker.Variant, user, diffIDs, docker.History))
	return nil
}

func read(what byte, document []byte) (all answer) {
	var err error
	switch what {
	case 'c':
		err = readConfig(document, &all)
	case 's':
		var images []savedImage
		err = json.Unmarshal(document, &images)
		for _, image := range images {
			all.Images = append(all.Images, append([]string{image.Config}, image.Layers...))
		}
	case 'm':
		var image manifest
		err = json.Unmarshal(document, &image)
		parts := []string{image.Config.Digest}
		for _, layer := range image.Layers {
			parts = append(parts, layer.Digest)
		}
		all.Images = append(all.Images, parts)
	case 'i':
		var list index
		err = json.Unmarshal(document, &list)
		for _, entry := range list.Manifests {
			all.Digests = append(all.Digests, entry.Digest)
		}
	}
	if err != nil {
		all = answer{Error: err.Error()}
	}
	return all
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
		if err := lines.Encode(read(content[0], content[1:])); err != nil {
			os.Exit(1)
		}
	}
}
