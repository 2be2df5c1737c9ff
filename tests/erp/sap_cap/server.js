// What SAP's own framework leaves to the application: logins, tokens against forged requests, numbers.
const cds = require('@sap/cds')
const crypto = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const LOGIN = 'Basic ' + Buffer.from('APAGENT:sandbox-password').toString('base64')
const sessions = new Map()

function session(request) {
  const match = /SAP_SESSIONID_A01_100=([^;]+)/.exec(request.headers.cookie || '')
  return match && match[1]
}

// Before the adapter for OData V2, which answers by itself.
cds.prependListener('bootstrap', (app) => {
  app.use('/sap', (request, response, next) => {
    if (request.headers.authorization !== LOGIN) return response.sendStatus(401)
    const token = request.headers['x-csrf-token']
    if (request.method === 'GET') {
      if (/^fetch$/i.test(token || '')) {
        const [id, value] = [crypto.randomUUID(), crypto.randomUUID()]
        sessions.set(id, value)
        response.append('Set-Cookie', `SAP_SESSIONID_A01_100=${id}; path=/; HttpOnly`)
        response.append('Set-Cookie', 'sap-usercontext=sap-client=100; path=/')
        response.set('x-csrf-token', value)
      }
      return next()
    }
    // The adapter reads a function's parameters only from a request that says it is JSON.
    request.headers['content-type'] ??= 'application/json'
    if (token && sessions.get(session(request)) === token) return next()
    response.set('x-csrf-token', 'Required').status(403).send('CSRF token validation failed')
  })
})

let number = 5100000000
const year = (day) => String(day).slice(0, 4)

cds.on('serving', (service) => {
  if (service.name === 'API_SUPPLIERINVOICE_PROCESS_SRV') {
    service.before('CREATE', 'A_SupplierInvoice', ({ data }) => {
      data.SupplierInvoice = String(++number)
      data.FiscalYear = year(data.PostingDate)
      data.SupplierInvoiceStatus = data.SupplierInvoiceStatus || '5'
      let counter = 0
      for (const tax of data.to_SupplierInvoiceTax || []) tax.SupplierInvoiceTaxCounter = String(++counter)
    })
    service.on('Cancel', async ({ data }) => {
      const key = { SupplierInvoice: data.SupplierInvoice, FiscalYear: data.FiscalYear }
      const ReverseDocument = String(++number)
      await UPDATE('API_SUPPLIERINVOICE_PROCESS_SRV.A_SupplierInvoice').set({ ReverseDocument }).where(key)
      return { ReverseDocument, FiscalYear: year(data.PostingDate), Success: true }
    })
  }
  if (service.name === 'API_PURCHASEORDER_PROCESS_SRV') {
    service.before('CREATE', 'A_PurchaseOrder', ({ data }) => {
      data.PurchaseOrder = String(++number)
      for (const item of data.to_PurchaseOrderItem || []) item.GoodsReceiptIsExpected = true
    })
  }
  if (service.name === 'API_MATERIAL_DOCUMENT_SRV') {
    service.before('CREATE', 'A_MaterialDocumentHeader', ({ data }) => {
      data.MaterialDocument = String(++number)
      data.MaterialDocumentYear = year(data.PostingDate)
      let position = 0
      for (const item of data.to_MaterialDocumentItem || []) {
        item.MaterialDocumentItem = String(++position)
        item.DebitCreditCode = 'S'
      }
    })
  }
})

cds.on('served', async () => {
  const rows = JSON.parse(fs.readFileSync(path.join(__dirname, 'rows.json'), 'utf8'))
  for (const [entity, entries] of Object.entries(rows)) if (entries.length) await INSERT.into(entity).entries(entries)
  console.log('rows are in')
})

module.exports = cds.server
