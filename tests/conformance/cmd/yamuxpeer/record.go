package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/yamux"
)

// scene is what two Go sessions do with each other; what they write is recorded.
type scene struct {
	name string
	play func(client, server *yamux.Session) error
	tune func(client, server *yamux.Config)
}

// recording is one scene, with all frames that each side wrote: "header", or "header data", both in hexadecimal; data that
// is all zeros is "count*00".
type recording struct {
	Scene  string   `json:"scene"`
	Client []string `json:"client"`
	Server []string `json:"server"`
}

var scenes = []scene{
	{name: "open, talk, end", play: playTalk},
	{name: "larger window", play: playTalk, tune: tuneWindow},
	{name: "beyond the window", play: playBeyondWindow},
	{name: "ping both ways", play: playPing},
	{name: "go away", play: playGoAway},
	{name: "backlog exceeded", play: playBacklog, tune: tuneBacklog},
	{name: "close timeout", play: playCloseTimeout, tune: tuneCloseTimeout},
}

func tuneWindow(client, server *yamux.Config) {
	client.MaxStreamWindowSize = 1 << 20
	server.MaxStreamWindowSize = 1 << 20
}

func tuneBacklog(_, server *yamux.Config) { server.AcceptBacklog = 1 }

func tuneCloseTimeout(client, _ *yamux.Config) { client.StreamCloseTimeout = 20 * time.Millisecond }

func record(output io.Writer) error {
	var recordings []recording
	for _, scene := range scenes {
		recorded, err := recordScene(scene)
		if err != nil {
			return fmt.Errorf("%s: %w", scene.name, err)
		}
		recordings = append(recordings, recorded)
	}
	encoder := json.NewEncoder(output)
	encoder.SetIndent("", " ")
	return encoder.Encode(recordings)
}

func recordScene(scene scene) (recording, error) {
	left, right := net.Pipe()
	clientTape, serverTape := &tape{Conn: left}, &tape{Conn: right}
	clientConfig, serverConfig := quietConfig(), quietConfig()
	if scene.tune != nil {
		scene.tune(clientConfig, serverConfig)
	}
	client, err := yamux.Client(clientTape, clientConfig)
	if err != nil {
		return recording{}, err
	}
	server, err := yamux.Server(serverTape, serverConfig)
	if err != nil {
		return recording{}, err
	}
	err = scene.play(client, server)
	time.Sleep(100 * time.Millisecond) // what is under way arrives
	client.Close()
	server.Close()
	return recording{scene.name, clientTape.frames(), serverTape.frames()}, err
}

// tape keeps what is written to a connection.
type tape struct {
	net.Conn
	mutex sync.Mutex
	data  []byte
}

func (t *tape) Write(data []byte) (int, error) {
	n, err := t.Conn.Write(data)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.data = append(t.data, data[:n]...)
	return n, err
}

// frames cuts the tape at the frames of the specification.
func (t *tape) frames() []string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	const headerSize, dataType = 12, 0
	frames := []string{}
	for rest := t.data; len(rest) >= headerSize; {
		frame, size := hex.EncodeToString(rest[:headerSize]), 0
		if rest[1] == dataType {
			size = int(binary.BigEndian.Uint32(rest[8:headerSize]))
		}
		data := rest[headerSize : headerSize+size]
		switch {
		case size == 0:
		case len(bytes.Trim(data, "\x00")) == 0:
			frame += fmt.Sprintf(" %d*00", size)
		default:
			frame += " " + hex.EncodeToString(data)
		}
		frames = append(frames, frame)
		rest = rest[headerSize+size:]
	}
	return frames
}

func openPair(client, server *yamux.Session) (near, far *yamux.Stream, err error) {
	if near, err = client.OpenStream(); err != nil {
		return nil, nil, err
	}
	far, err = server.AcceptStream()
	return near, far, err
}

func playTalk(client, server *yamux.Session) error {
	near, far, err := openPair(client, server)
	if err != nil {
		return err
	}
	if _, err := near.Write([]byte("hello")); err != nil {
		return err
	}
	if _, err := io.ReadFull(far, make([]byte, 5)); err != nil {
		return err
	}
	near.Close()
	if _, err := far.Write([]byte("hello yourself")); err != nil {
		return err
	}
	return far.Close()
}

func playBeyondWindow(client, server *yamux.Session) error {
	near, far, err := openPair(client, server)
	if err != nil {
		return err
	}
	const size = 256*1024 + 1
	go func() {
		near.Write(make([]byte, size))
		near.Close()
	}()
	_, err = io.ReadFull(far, make([]byte, size))
	return err
}

func playPing(client, server *yamux.Session) error {
	for _, session := range []*yamux.Session{client, server, client} {
		if _, err := session.Ping(); err != nil {
			return err
		}
	}
	return nil
}

func playGoAway(client, server *yamux.Session) error {
	if _, _, err := openPair(client, server); err != nil {
		return err
	}
	if err := server.GoAway(); err != nil {
		return err
	}
	time.Sleep(50 * time.Millisecond)
	if _, err := client.OpenStream(); err != yamux.ErrRemoteGoAway {
		return fmt.Errorf("opened a stream after a go away: %v", err)
	}
	return nil
}

// The server accepts nothing and has room for one.
func playBacklog(client, _ *yamux.Session) error {
	for range 2 {
		if _, err := client.OpenStream(); err != nil {
			return err
		}
	}
	return nil
}

func playCloseTimeout(client, server *yamux.Session) error {
	near, _, err := openPair(client, server)
	if err != nil {
		return err
	}
	return near.Close()
}
