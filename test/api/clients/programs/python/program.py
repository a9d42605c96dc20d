"""The official Python client, unchanged: configurations and naming over gRPC. Speaks the protocol of ../../protocol.ts, whose names these are."""

import asyncio
import json
import os
import sys

from v2.nacos import (
    BatchRegisterInstanceParam,
    ClientConfigBuilder,
    ConfigParam,
    DeregisterInstanceParam,
    ListInstanceParam,
    NacosConfigService,
    NacosNamingService,
    RegisterInstanceParam,
    SubscribeServiceParam,
)

LINE_LIMIT_BYTES = 16 * 1024 * 1024
# Nothing else may write there: what a library prints goes to stderr.
STDOUT, sys.stdout = sys.stdout, sys.stderr


def tell(**line):
    STDOUT.write(json.dumps(line) + "\n")
    STDOUT.flush()


def named(given):
    return {"service_name": given["service"], "group_name": given["group"]}


def registration(given, instance):
    chosen = {name: instance[name] for name in ("ip", "port", "weight", "ephemeral", "metadata") if name in instance}
    return RegisterInstanceParam(**named(given), **chosen)


def shown(instances):
    names = ("ip", "port", "healthy", "weight", "ephemeral", "metadata")
    return [{name: getattr(instance, name) for name in names} for instance in instances]


def succeeded(answer):
    """A call that answers false has failed too."""
    if not answer:
        raise RuntimeError("it answered false")


class Program:
    def __init__(self, configs, naming):
        self.configs = configs
        self.naming = naming

    async def get(self, given):
        return await self.configs.get_config(ConfigParam(data_id=given["dataId"], group=given["group"]))

    async def publish(self, given):
        return await self.configs.publish_config(ConfigParam(data_id=given["dataId"], group=given["group"], content=given["content"]))

    async def remove(self, given):
        return await self.configs.remove_config(ConfigParam(data_id=given["dataId"], group=given["group"]))

    async def listen(self, given):
        async def told(_tenant, _group, data_id, content):
            tell(kind="config", dataId=data_id, content=content or "")

        await self.configs.add_listener(given["dataId"], given["group"], told)

    async def register(self, given):
        succeeded(await self.naming.register_instance(registration(given, given["instance"])))

    async def deregister(self, given):
        one = given["instance"]
        param = DeregisterInstanceParam(**named(given), ip=one["ip"], port=one["port"], ephemeral=one.get("ephemeral", True))
        succeeded(await self.naming.deregister_instance(param))

    async def batch(self, given):
        all_of_them = [registration(given, instance) for instance in given["instances"]]
        succeeded(await self.naming.batch_register_instances(BatchRegisterInstanceParam(**named(given), instances=all_of_them)))

    async def instances(self, given):
        return shown(await self.naming.list_instances(ListInstanceParam(**named(given), subscribe=False, healthy_only=None)))

    async def subscribe(self, given):
        async def told(instances):
            tell(kind="service", service=given["service"], instances=shown(instances))

        await self.naming.subscribe(SubscribeServiceParam(**named(given), subscribe_callback=told))


async def carry_out(program, order):
    try:
        value = await getattr(program, order["do"])(order["with"])
        tell(kind="done", id=order["id"], value=value)
    except Exception as problem:
        tell(kind="failed", id=order["id"], problem=repr(problem))


def client_config(options):
    home = os.environ["HOME"]
    builder = ClientConfigBuilder().server_address(",".join(options["servers"])).namespace_id(options["namespace"])
    builder.cache_dir(os.path.join(home, "cache")).log_dir(os.path.join(home, "log")).log_level("WARNING").timeout_ms(6_000)
    if options.get("username"):
        builder.username(options["username"]).password(options["password"])
    config = builder.build()
    config.set_update_cache_when_empty(True)
    return config


async def main():
    options = json.loads(sys.argv[1])
    # Each changes the one that it is given.
    configs = await NacosConfigService.create_config_service(client_config(options))
    naming = await NacosNamingService.create_naming_service(client_config(options))
    program = Program(configs, naming)
    lines = asyncio.StreamReader(limit=LINE_LIMIT_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    tell(kind="ready")
    under_way = set()
    while text := await lines.readline():
        task = asyncio.create_task(carry_out(program, json.loads(text)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    # Its loops have no end that could be waited for.
    os._exit(0)


asyncio.run(main())
