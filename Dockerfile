# One node of a cluster, or a whole one: `docker build -t nacos-trio .`; what it takes stands in docs/kubernetes.md.
FROM node:24-slim AS build
WORKDIR /src
ENV ELECTRON_SKIP_BINARY_DOWNLOAD=1
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run -s build && npm prune --omit=dev && chmod +x out/main/cli.js

FROM node:24-slim
# For `kubectl exec nacos-0 -- curl …`.
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /src/package.json /src/LICENSE ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/out ./out
RUN ln -s /app/out/main/cli.js /usr/local/bin/nacos-trio && mkdir /data && chown node:node /data
USER node
VOLUME /data
# HTTP, gRPC, and Raft between the nodes.
EXPOSE 8848 9848 7848
# The node is the first process, and SIGTERM reaches it.
ENTRYPOINT ["nacos-trio"]
CMD ["node", "--help"]
