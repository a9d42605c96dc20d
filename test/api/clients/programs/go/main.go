// The official Go client, unchanged: configurations and naming over gRPC. Speaks the protocol of ../../protocol.ts, whose names these are.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"

	"github.com/nacos-group/nacos-sdk-go/v2/clients"
	"github.com/nacos-group/nacos-sdk-go/v2/clients/config_client"
	"github.com/nacos-group/nacos-sdk-go/v2/clients/naming_client"
	"github.com/nacos-group/nacos-sdk-go/v2/common/constant"
	"github.com/nacos-group/nacos-sdk-go/v2/model"
	"github.com/nacos-group/nacos-sdk-go/v2/vo"
)

type programOptions struct {
	Servers   []string `json:"servers"`
	Namespace string   `json:"namespace"`
	Username  string   `json:"username"`
	Password  string   `json:"password"`
}

type instance struct {
	Ip        string            `json:"ip"`
	Port      uint64            `json:"port"`
	Healthy   bool              `json:"healthy"`
	Weight    *float64          `json:"weight,omitempty"`
	Ephemeral *bool             `json:"ephemeral,omitempty"`
	Metadata  map[string]string `json:"metadata"`
}

type given struct {
	DataId    string     `json:"dataId"`
	Group     string     `json:"group"`
	Content   string     `json:"content"`
	Service   string     `json:"service"`
	Instance  instance   `json:"instance"`
	Instances []instance `json:"instances"`
}

type order struct {
	Id   int    `json:"id"`
	Do   string `json:"do"`
	With given  `json:"with"`
}

type line map[string]any

// Callbacks come from threads of the client's own.
var stdout sync.Mutex

func tell(said line) {
	text, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	stdout.Lock()
	defer stdout.Unlock()
	os.Stdout.Write(append(text, '\n'))
}

func isEphemeral(one instance) bool { return one.Ephemeral == nil || *one.Ephemeral }

func registration(service, group string, one instance) vo.RegisterInstanceParam {
	weight := 1.0
	if one.Weight != nil {
		weight = *one.Weight
	}
	return vo.RegisterInstanceParam{
		Ip: one.Ip, Port: one.Port, Weight: weight, Enable: true, Healthy: true, Metadata: one.Metadata,
		ServiceName: service, GroupName: group, Ephemeral: isEphemeral(one),
	}
}

func shown(hosts []model.Instance) []instance {
	all := []instance{}
	for _, host := range hosts {
		weight, ephemeral := host.Weight, host.Ephemeral
		all = append(all, instance{
			Ip: host.Ip, Port: host.Port, Healthy: host.Healthy, Weight: &weight, Ephemeral: &ephemeral, Metadata: host.Metadata,
		})
	}
	return all
}

// A call that says false without an error has failed too.
func done(yes bool, err error) (any, error) {
	if err == nil && !yes {
		err = errors.New("it answered false")
	}
	return nil, err
}

type program struct {
	configs config_client.IConfigClient
	naming  naming_client.INamingClient
}

func (p program) carryOut(do string, with given) (any, error) {
	name := vo.ConfigParam{DataId: with.DataId, Group: with.Group}
	switch do {
	case "get":
		return p.configs.GetConfig(name)
	case "publish":
		name.Content = with.Content
		return p.configs.PublishConfig(name)
	case "remove":
		return p.configs.DeleteConfig(name)
	case "listen":
		name.OnChange = func(_, _, dataId, content string) { tell(line{"kind": "config", "dataId": dataId, "content": content}) }
		return nil, p.configs.ListenConfig(name)
	case "register":
		return done(p.naming.RegisterInstance(registration(with.Service, with.Group, with.Instance)))
	case "deregister":
		one := with.Instance
		return done(p.naming.DeregisterInstance(vo.DeregisterInstanceParam{
			Ip: one.Ip, Port: one.Port, ServiceName: with.Service, GroupName: with.Group, Ephemeral: isEphemeral(one),
		}))
	case "batch":
		all := []vo.RegisterInstanceParam{}
		for _, one := range with.Instances {
			all = append(all, registration(with.Service, with.Group, one))
		}
		return done(p.naming.BatchRegisterInstance(vo.BatchRegisterInstanceParam{ServiceName: with.Service, GroupName: with.Group, Instances: all}))
	case "instances":
		hosts, err := p.naming.SelectAllInstances(vo.SelectAllInstancesParam{ServiceName: with.Service, GroupName: with.Group})
		return shown(hosts), err
	case "subscribe":
		// It says an empty list by an error.
		return nil, p.naming.Subscribe(&vo.SubscribeParam{ServiceName: with.Service, GroupName: with.Group, SubscribeCallback: func(hosts []model.Instance, _ error) {
			tell(line{"kind": "service", "service": with.Service, "instances": shown(hosts)})
		}})
	}
	return nil, errors.New("this client cannot " + do)
}

func (p program) take(text []byte) {
	var asked order
	if err := json.Unmarshal(text, &asked); err != nil {
		panic(err)
	}
	value, err := p.carryOut(asked.Do, asked.With)
	if err != nil {
		tell(line{"kind": "failed", "id": asked.Id, "problem": err.Error()})
		return
	}
	tell(line{"kind": "done", "id": asked.Id, "value": value})
}

func start(options programOptions) (program, error) {
	servers := []constant.ServerConfig{}
	for _, server := range options.Servers {
		host, digits, err := net.SplitHostPort(server)
		if err != nil {
			return program{}, err
		}
		port, err := strconv.ParseUint(digits, 10, 16)
		if err != nil {
			return program{}, err
		}
		servers = append(servers, constant.ServerConfig{IpAddr: host, Port: port})
	}
	// It would keep files in the folder that it is started in.
	home := os.Getenv("HOME")
	config := constant.NewClientConfig(
		constant.WithNamespaceId(options.Namespace), constant.WithUsername(options.Username), constant.WithPassword(options.Password),
		constant.WithCacheDir(home+"/cache"), constant.WithLogDir(home+"/log"), constant.WithLogLevel("warn"), constant.WithTimeoutMs(6_000),
	)
	config.UpdateCacheWhenEmpty = true
	param := vo.NacosClientParam{ClientConfig: config, ServerConfigs: servers}
	configs, err := clients.NewConfigClient(param)
	if err != nil {
		return program{}, err
	}
	naming, err := clients.NewNamingClient(param)
	return program{configs, naming}, err
}

func main() {
	var options programOptions
	if err := json.Unmarshal([]byte(os.Args[1]), &options); err != nil {
		panic(err)
	}
	serving, err := start(options)
	if err != nil {
		panic(err)
	}
	tell(line{"kind": "ready"})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		go serving.take(append([]byte(nil), lines.Bytes()...))
	}
}
