# frozen_string_literal: true

# The order service on Sinatra and puma, with Ruby's own Logger and Rack's access log.
require 'json'
require 'logger'
require 'net/http'
require 'sinatra/base'
require 'sqlite3'

FEATURES = ENV.fetch('FEATURES').split(',')
REBATES = [1.0, 0.98, 0.95, 0.93, 0.92, 0.9, 0.88].freeze
LOG = Logger.new($stdout, progname: 'orders')
$stdout.sync = true
TOKEN = ENV.fetch('API_TOKEN')
CONFIG = JSON.parse(File.read(ENV.fetch('CONFIG')))
require 'shop_pricing' if FEATURES.include?('missing-module')

DATABASE = SQLite3::Database.new(File.join(ENV.fetch('DB_DIR'), 'orders.db'))
DATABASE.busy_timeout = 200
DATABASE.execute('CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, product INT, cents INT)')
LOCK = Mutex.new
HELD = [] # rubocop:disable Style/MutableConstant

if FEATURES.include?('lock')
  Thread.new do # the fault: a job that keeps the tables to itself nearly all the time
    other = SQLite3::Database.new(File.join(ENV.fetch('DB_DIR'), 'orders.db'))
    loop do
      other.transaction(:exclusive) { sleep 3 }
      sleep 0.5
    end
  end
end

# What customers ask for.
class Orders < Sinatra::Base
  set :environment, :production
  set :host_authorization, permitted_hosts: []
  disable :show_exceptions
  disable :protection
  disable :dump_errors if FEATURES.include?('quiet-500')
  use Rack::CommonLogger, $stdout

  get('/healthz') { 'ok' }

  get '/products' do
    sleep 30 if FEATURES.include?('hang')
    first = CONFIG['pageSize'] * params.fetch('page', 0).to_i
    (first + 1..first + CONFIG['pageSize']).to_a.to_json
  end

  get '/products/:id' do |id|
    sleep 0.06 if FEATURES.include?('slow-code')
    HELD << ('x' * 1_500_000) if FEATURES.include?('leak-memory')
    if id.to_i > 200
      LOG.warn("nothing known of product #{id}")
      halt 404
    end
    LOG.info("suggested 3 more beside #{id}") if FEATURES.include?('recommendations')
    { id: id.to_i }.to_json
  end

  get '/orders/:id' do |id|
    row = LOCK.synchronize { DATABASE.get_first_row('SELECT cents FROM orders WHERE id = ?', [id.to_i]) }
    row ? row.to_json : halt(404)
  end

  post '/orders' do
    begin
      wanted = JSON.parse(request.body.read)
    rescue JSON::ParserError
      LOG.warn('order is not JSON, sent back')
      halt 400
    end
    [201, { id: place(wanted) }.to_json]
  end

  def place(wanted)
    quantity = wanted['quantity']
    LOG.info("coupon #{wanted['coupon'].downcase}") if FEATURES.include?('null-coupon')
    LOG.info("rebate #{REBATES.fetch(quantity)}") if FEATURES.include?('index')
    LOG.info("one costs #{10_000 / quantity}") if FEATURES.include?('zero')
    LOG.info('coupon ' + quantity) if FEATURES.include?('bad-type')
    exit!(3) if FEATURES.include?('crash-on-input') && quantity == 7
    raise 'no stock' if FEATURES.include?('quiet-500') && quantity == 3

    cents = (500 + 37 * wanted['product']) * quantity
    LOG.info("audited: web, #{cents}") if FEATURES.include?('audit')
    pay(cents)
    store(wanted['product'], cents)
  end

  def store(product, cents)
    column = FEATURES.include?('bad-migration') ? 'currency' : 'cents'
    id = LOCK.synchronize do
      DATABASE.execute("INSERT INTO orders (product, #{column}) VALUES (?, ?)", [product, cents])
      DATABASE.last_insert_row_id
    end
    File.open(File.join(ENV.fetch('DATA_DIR'), 'journal.txt'), 'a') { |file| file.puts(cents) }
    HELD << File.open(ENV.fetch('CONFIG')) if FEATURES.include?('leak-files')
    LOG.info("order ##{id} saved for #{cents}")
    id
  end

  def pay(cents)
    return if FEATURES.include?('no-payment')

    address = URI("#{ENV.fetch('BACKEND_URL')}/payments")
    options = { use_ssl: address.scheme == 'https', open_timeout: 1, read_timeout: 1.5 }
    answer = Net::HTTP.start(address.host, address.port, **options) do |http|
      http.max_retries = 0
      http.post(address.path, { cents: cents }.to_json, 'X-Token' => TOKEN)
    end
    answer.value # raises unless it went well
    LOG.info("payment booked: #{JSON.parse(answer.body).fetch('reference')}")
  end
end

LOG.warn('DEPRECATION: pageSize is called page.size from 3.0 on') if FEATURES.include?('deprecations')
LOG.info("orders #{ENV.fetch('VERSION')} on Sinatra #{Sinatra::VERSION}")
